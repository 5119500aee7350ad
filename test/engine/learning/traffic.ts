/** Random traffic to simulated servers, and what the passive learner makes of it. */
import { PassiveLearner } from '../../../machines/engine/learning/passive.js';
import type {
  PassiveSession,
  SessionStep,
} from '../../../machines/engine/learning/passive-session.js';
import { silence } from '../../../machines/engine/learning/timed-machine.js';
import type { ChartTable } from '../../../machines/engine/table/table.js';
import { generatorOf } from '../../../machines/engine/testgen/random.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';
import type { ServerInput } from '../../../machines/registration/sut/inputs.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';

export const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
export const model = new ServerModel({ delays });
export const figure = expectedRegistration({ delays });

/** Sessions of clients that send a few messages with pauses, and stay or leave. */
function* traffic(table: ChartTable, count: number, seed: number): Generator<PassiveSession> {
  const random = generatorOf(seed);
  const whole = (most: number) => Math.floor(random() * most);
  for (let number = 1; number <= count; number += 1) {
    const server = model.connect(table);
    const steps: SessionStep[] = [];
    let now = 0;
    const pass = (milliseconds: number) => {
      server.pass(milliseconds);
      now += milliseconds;
      const seen = server.seen();
      const at = seen[0]?.at ?? now;
      const output = seen.map((one) => one.output).join(' ');
      if (output !== '') steps.push({ inputs: [silence], output, at, answeredAt: at });
    };
    for (let left = whole(6); left > 0 && !server.isClosed; left -= 1) {
      pass(whole(3) === 0 ? whole(9_500) : 1 + whole(500));
      if (server.isClosed) break;
      const input = figure.inputs[whole(figure.inputs.length)] as ServerInput;
      server.send(input);
      const output = server
        .seen()
        .map((one) => one.output)
        .join(' ');
      steps.push({ inputs: [input], output, at: now, answeredAt: now });
    }
    if (!server.isClosed && whole(2) === 0) pass(12_000);
    yield { name: `${number}`, steps, lasted: now, hasConnect: true };
  }
}

export function learned(table: ChartTable, count: number, seed: number) {
  const learner = new PassiveLearner(figure);
  for (const session of traffic(table, count, seed)) learner.add(session);
  return learner.result();
}
