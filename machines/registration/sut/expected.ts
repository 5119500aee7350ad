import { type ExpectedOutput, expectedMachine } from '../../engine/learning/expected.js';
import type { TimedMachine } from '../../engine/learning/timed-machine.js';
import { defaultDelays, type SeatDelays } from '../chart/seat.js';
import { kindOf, type ServerInput } from './inputs.js';
import { ServerModel, type ServerModelOptions } from './server-model.js';
import type { SimulatedServer } from './simulated-server.js';

/**
 * The timed machine of a server that runs the registration chart. Its states have the names of configurations. Inputs of time are left
 * out. With `answers: 'any'` the answers to a registered client are free. The lengths of the timers in `chosenByServer` are open.
 */
export function expectedRegistration(
  options: ServerModelOptions & { readonly chosenByServer?: readonly string[] } = {},
): TimedMachine {
  const model = new ServerModel(options);
  return expectedMachine<SimulatedServer>({
    inputs: model.inputs.filter((input) => kindOf(input) !== 'time'),
    initial: model.connect(),
    delays: { ...model.delays },
    chosenByServer: options.chosenByServer ?? [],
    send(server, input) {
      server.send(input as ServerInput);
      return outputOf(server);
    },
    pass(server, milliseconds) {
      server.pass(milliseconds);
      return outputOf(server);
    },
  });
}

/**
 * The timed machine of a server whose service may give any answer.
 * @param stated lengths in milliseconds; the server may choose the others
 * @param usual lengths that tell the others apart
 */
export function expectedWith(
  stated: { readonly [Name in keyof SeatDelays]?: number | undefined },
  usual: SeatDelays = defaultDelays,
): TimedMachine {
  const timers = ['registrationTimeout', 'rejectionTimeout'] as const;
  return expectedRegistration({
    delays: {
      registrationTimeout: stated.registrationTimeout ?? usual.registrationTimeout,
      rejectionTimeout: stated.rejectionTimeout ?? usual.rejectionTimeout,
    },
    answers: 'any',
    chosenByServer: timers.filter((timer) => stated[timer] === undefined),
  });
}

function outputOf(server: SimulatedServer): ExpectedOutput {
  const outputs = server.seen().map(({ output }) => output);
  const isFree = outputs.includes('service');
  const output = outputs.join(' ');
  return isFree ? { output, isFree } : { output };
}
