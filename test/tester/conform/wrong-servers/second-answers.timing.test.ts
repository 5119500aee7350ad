import { beforeAll, describe, expect, it } from 'vitest';
import {
  createServer,
  invalid,
  type ServerOptions,
  valid,
} from '../../../../adapters/server/index.js';
import { type ConformReport, conform, endpointTarget } from '../../../../adapters/tester/index.js';
import { figureClients, type ServerInput } from '../../../../machines/index.js';
import { suiteByHand } from '../suite-by-hand.js';
import { differencesOf, judgedBy } from './judged.js';
import { patient } from './plain-server.js';
import { rightServices, secondAnswers } from './second-answers.js';

/** Without deadlines, so it is short. The waits of a registered client are longer than those between two answers. */
const suite = suiteByHand(
  [
    ['register', 'other', 'register', 'other'],
    ['register', 'wait'],
    ['register', 'register'],
    ['register-invalid', 'register', 'event-ack'],
    ['register', 'other', 'not-json'],
    ['other', 'not-json'],
  ] satisfies ServerInput[][],
  'any',
);

describe('while the answers of the service are unknown', () => {
  const reports = new Map<string, ConformReport>();
  beforeAll(async () => {
    const wrong = Object.entries(secondAnswers).map(
      ([what, { Session }]) => [what, Session] as const,
    );
    await Promise.all(
      [...wrong, ...Object.entries(rightServices)].map(async ([what, Session]) => {
        reports.set(what, await judgedBy(suite, Session));
      }),
    );
  });

  it.each(Object.entries(secondAnswers))('a server is found that %s', (what, wrong) => {
    const { Session: _, sentence, ...rest } = wrong;
    const report = reports.get(what);
    const wording = expect.stringMatching(sentence);
    expect(report && differencesOf(report)).toContainEqual({ ...rest, sentence: wording });
    expect(report?.passed).toBe(false);
  });

  it.each(Object.keys(rightServices))('a service passes that %s', (what) => {
    const report = reports.get(what);
    expect(report && differencesOf(report)).toEqual([]);
    expect(report?.passed).toBe(true);
  });
});

describe('a gate of this project', () => {
  const timeouts = { registrationTimeout: 1_200, rejectionTimeout: 600 };

  async function judged(onMessage: NonNullable<ServerOptions['onMessage']>) {
    await using gate = await createServer({
      listen: ['tcp://127.0.0.1:0'],
      ...timeouts,
      validator: ({ clientName }) =>
        clientName === figureClients.valid.clientName ? valid : invalid('unknown name'),
      onMessage,
    });
    const [endpoint] = gate.endpoints;
    if (!endpoint) throw new Error('the gate has no endpoint');
    const target = endpointTarget(endpoint);
    return differencesOf(
      await conform({ target, suite, ...timeouts, ...patient, learnTimerPolicy: false }),
    );
  }

  it('passes when its service answers once and sends other events', async () => {
    const differences = await judged(({ reply }) => {
      reply.send({ messageName: 'EventAgentLogin' });
      reply.ack();
      expect(() => reply.error(20, 'too late')).toThrow('already answered');
      reply.send({ messageName: 'EventAgentReady' });
    });
    expect(differences).toEqual([]);
  });

  it('fails when its service sends a second answer with reply.send', async () => {
    const differences = await judged(({ reply }) => {
      reply.ack();
      reply.send({ messageName: 'EventAck' });
    });
    expect(differences).toMatchObject([{ code: 'answered-twice', documented: false }]);
  });
});
