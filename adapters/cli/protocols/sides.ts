/** The two sides of a protocol, for the ladder of its page. */
import type { ChartProtocol } from '../../../machines/engine/kit/define-protocol.js';
import type { ProtocolModel } from '../../../machines/engine/kit/protocol-model.js';
import { partsOf } from '../../../machines/engine/testgen/formats/words.js';
import type { MachineSides } from '../../charts/index.js';

export function sidesOf({ words, system }: ChartProtocol, model: ProtocolModel): MachineSides {
  const steps = Object.values(model.table.steps).flatMap((inputs) => Object.values(inputs));
  const actions = new Set(steps.flatMap((step) => step.actions));
  const outputs = [...actions].map((action) => {
    const parts = model.outputsOf([action]).flatMap(partsOf);
    return [action, parts.map((part) => words.outputArrow(part))] as const;
  });
  return {
    client: 'Client',
    server: system,
    inputs: Object.fromEntries(
      model.table.events.map((event) => [event, words.inputArrow(event).label]),
    ),
    outputs: Object.fromEntries(outputs),
  };
}
