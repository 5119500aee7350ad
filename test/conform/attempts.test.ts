import { describe, expect, it } from 'vitest';
import { endpointTarget, playCase, Stalls } from '../../adapters/tester/index.js';
import { caseOf, type ServerInput, ServerModel } from '../../machines/index.js';
import {
  PlainSession,
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from './wrong-servers/plain-server.js';

const timeouts = { registrationTimeout, rejectionTimeout };
const model = new ServerModel({ delays: timeouts, answers: 'any' });
const margin = 60;

const one = (...inputs: ServerInput[]) => caseOf(model, inputs);

/** A process that was held up all the time. */
class Sleepy extends Stalls {
  override longestSince() {
    return 1_000;
  }
}

describe('a case that cannot be judged', () => {
  it('is played three times when the tester was held up, and then is not judged: it never counts as held', async () => {
    await using server = await plainServer(PlainSession);
    using stalls = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'silence'), target, { timeouts, margin, stalls });
    expect(result).toMatchObject({ verdict: 'not-judged', difference: null, attempts: 3 });
    expect(result.why).toMatch(/^the tester was held up for \d+ ms around the deadline$/);
  });

  it('is judged where no time is: a held up tester hears what is said', async () => {
    await using server = await plainServer(PlainSession);
    using stalls = new Sleepy();
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'register'), target, { timeouts, margin, stalls });
    expect(result).toMatchObject({ verdict: 'held', attempts: 1 });
  });

  it('is not judged when a timeout of the server is not known', async () => {
    await using server = await plainServer(PlainSession);
    const target = endpointTarget(server.endpoint);
    const unknown = { registrationTimeout, rejectionTimeout: null };
    const result = await playCase(one('other', 'silence'), target, { timeouts: unknown, margin });
    expect(result).toMatchObject({
      verdict: 'not-judged',
      why: 'the rejection timeout of the server is not known',
      held: 1,
    });
  });

  it('differs in time only when it is seen twice: once is told and not judged', async () => {
    let connections = 0;
    class LateOnce extends PlainSession {
      override restartClock() {
        connections += 1;
        this.stopClock();
        const late = connections === 1 ? 200 : 0;
        this.deadline = setTimeout(() => this.expire(), rejectionTimeout + late);
      }
    }
    await using server = await plainServer(LateOnce);
    const target = endpointTarget(server.endpoint);
    const result = await playCase(one('other', 'silence'), target, { timeouts, margin });
    expect(result).toMatchObject({ verdict: 'held', attempts: 2 });
    expect(result.unconfirmed.map(({ code }) => code)).toEqual(['timeout-too-long']);
  });
});
