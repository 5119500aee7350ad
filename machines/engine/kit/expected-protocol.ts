import { type ExpectedOutput, expectedMachine } from '../learning/expected.js';
import type { TimedMachine } from '../learning/timed-machine.js';
import type { SimulatedReaction } from '../model/simulated-chart.js';
import { isTime, type ProtocolModel } from './protocol-model.js';

/**
 * The timed machine that a protocol's chart describes. Outputs that the specification allows besides the expected one are `allowed`.
 * @param chosenByServer the timers whose length the server may choose. @default none
 */
export function expectedProtocol(
  model: ProtocolModel,
  chosenByServer: readonly string[] = [],
): TimedMachine {
  const seen = (from: string, input: string, { actions }: SimulatedReaction): ExpectedOutput => {
    const output = model.outputsOf(actions).join(' ');
    const allowed = model.allowed({ from, input, output }).filter((other) => other !== output);
    return allowed.length === 0 ? { output } : { output, allowed };
  };
  return expectedMachine({
    inputs: model.inputs.filter((input) => !isTime(input)),
    initial: model.connect(),
    delays: model.timers,
    chosenByServer,
    send: (chart, input) => seen(chart.state, input, chart.send(input)),
    pass(chart, milliseconds) {
      const { state, timer } = chart;
      return seen(state, timer ?? '', chart.pass(milliseconds));
    },
  });
}
