/** The wire player on a live gate and on aedes: what it sends, when, and what it observes. */
import { describe, expect, it } from 'vitest';
import { createServer } from '../../adapters/server/index.js';
import { registrationWire } from '../../adapters/tester/learning/registration-wire.js';
import { WireSystem } from '../../adapters/tester/learning/wire-system.js';
import { loadProtocol } from '../../adapters/tester/protocols/load-protocol.js';
import type { Play, WordStep } from '../../machines/engine/learning/timed-system.js';
import { credentials, startAedes } from '../mqtt-connect/brokers.js';
import { shown, word } from './plain-system.js';

const registrationTimeout = 400;
const rejectionTimeout = 200;
/** Milliseconds that a busy machine may be late. */
const late = 150;
const usual = { factor: 1 };

async function gate(scheme: 'tcp' | 'ws') {
  const server = await createServer({
    listen: [`${scheme}://127.0.0.1:0`],
    registrationTimeout,
    rejectionTimeout,
  });
  const [at] = server.endpoints;
  const endpoint = `${scheme}://127.0.0.1:${at?.port}`;
  const mapper = { wire: registrationWire() };
  const system = new WireSystem({ endpoint, mapper, horizon: 2_000 });
  return {
    system,
    server,
    async [Symbol.asyncDispose]() {
      system[Symbol.dispose]();
      await server.close();
    },
  };
}

/** A play whose times count. */
async function timed(system: WireSystem, steps: readonly WordStep[]): Promise<Play> {
  let play = await system.play(steps, usual);
  for (let left = 20; left > 0 && play.stalled > 15; left -= 1)
    play = await system.play(steps, usual);
  return play;
}

describe.concurrent.each(['tcp', 'ws'] as const)('a gate over %s', (scheme) => {
  it('closes a silent connection at its deadline', async () => {
    await using at = await gate(scheme);
    const play = await timed(at.system, word('silence'));
    expect(shown(play)).toEqual(['silence: closed']);
    const [{ at: moment, isClosed } = { at: 0, isClosed: false }] = play.steps;
    expect(isClosed).toBe(true);
    expect(moment).toBeGreaterThan(registrationTimeout - 15);
    expect(moment).toBeLessThan(registrationTimeout + late);
  });

  it('starts the deadline of a rejected client with its first error', async () => {
    await using at = await gate(scheme);
    const play = await timed(at.system, word('other', 'other+60', 'silence'));
    expect(shown(play)).toEqual(['other: EventError', 'other: EventError', 'silence: closed']);
    const [first, second, end] = play.steps.map((step) => step.at);
    expect(second).toBeGreaterThanOrEqual((first ?? 0) + 60);
    expect(end).toBeGreaterThan((first ?? 0) + rejectionTimeout - 15);
    expect(end).toBeLessThan((second ?? 0) + rejectionTimeout + late);
  });

  it('answers each input', async () => {
    await using at = await gate(scheme);
    const { system } = at;
    const outputs = await Promise.all(
      system.inputs.map(async (input) => shown(await timed(system, word(input)))),
    );
    expect(outputs.flat()).toEqual([
      'register: EventAck',
      'register-invalid: EventError',
      'register-malformed: EventError',
      'other: EventError',
      'event-ack: EventError',
      'not-json: EventError closed',
      'no-name: EventError closed',
      'too-long: EventError closed',
    ]);
  });
});

describe.concurrent.each(['tcp', 'ws'] as const)('aedes over %s', (scheme) => {
  it('answers the packets of a client that states no Keep Alive', async () => {
    await using broker = await startAedes();
    const mapper = await loadProtocol('mqtt-connect', process.cwd());
    using system = new WireSystem({
      endpoint: broker[scheme],
      mapper,
      values: credentials,
      horizon: 200,
    });
    const play = await system.play(word('connect', 'ping', 'silence', 'disconnect'), usual);
    expect(shown(play)).toEqual([
      'connect: CONNACK-0',
      'ping: PINGRESP',
      'silence: ',
      'disconnect: closed',
    ]);
  });
});
