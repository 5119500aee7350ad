import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type GateServer, invalid, valid } from '../../../adapters/server/index.js';
import { endpointTarget, memoryTarget, playCase } from '../../../adapters/tester/index.js';
import { caseOf, figureClients, type ServerInput, ServerModel } from '../../../machines/index.js';

const timeouts = { registrationTimeout: 1_200, rejectionTimeout: 600 };
const model = new ServerModel({ delays: timeouts, answers: 'any' });

let server: GateServer;
beforeAll(async () => {
  server = await createServer({
    listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'],
    ...timeouts,
    validator: ({ clientName }) =>
      clientName === figureClients.valid.clientName ? valid : invalid('unknown name'),
  });
});
afterAll(() => server.close());

describe('a case', () => {
  it.concurrent.each<{ inputs: ServerInput[] }>([
    { inputs: ['register'] },
    { inputs: ['register', 'other', 'register', 'event-ack'] },
    { inputs: ['register-invalid', 'register-malformed', 'event-ack', 'register'] },
    { inputs: ['silence'] },
    { inputs: ['other', 'wait', 'other', 'silence'] },
    { inputs: ['wait', 'register', 'silence'] },
    { inputs: ['other', 'wait', 'register', 'silence'] },
    { inputs: ['not-json'] },
    { inputs: ['no-name', 'other'] },
    { inputs: ['too-long'] },
    { inputs: ['register', 'too-long'] },
    { inputs: ['other', 'too-long'] },
    { inputs: ['silence', 'register'] },
  ])('$inputs holds against this gate on every transport', async ({ inputs }) => {
    const one = caseOf(model, inputs);
    const targets = [
      ...server.endpoints.map((where) => endpointTarget(where)),
      memoryTarget(server),
    ];
    const results = await Promise.all(
      targets.map((target) => playCase(one, target, { timeouts, margin: 180, attempts: 6 })),
    );
    for (const result of results)
      expect(result).toMatchObject({ verdict: 'pass', difference: null });
  });
});
