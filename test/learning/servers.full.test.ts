/** Servers of other projects, learned with the mappers that come with ixgate and those of the examples. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { WireSystem, type WireSystemOptions } from '../../adapters/tester/learning/wire-system.js';
import { loadMapper, loadProtocol } from '../../adapters/tester/protocols/load-protocol.js';
import { learn } from '../../machines/engine/learning/learn.js';
import type { TimedMachine } from '../../machines/engine/learning/timed-machine.js';
import {
  installed,
  credentials as mqttCredentials,
  startAedes,
  startMosquitto,
} from '../mqtt-connect/brokers.js';
import { temporaryFolder } from '../support/folder.js';
import { startNats, startRedis } from '../support/installed-servers.js';

vi.setConfig({ testTimeout: 300_000 });

const mqtt = () => loadProtocol('mqtt-connect', process.cwd());
const example = (name: string) => loadMapper(`examples/${name}/mapper.ts`, process.cwd());

async function learned(options: WireSystemOptions): Promise<TimedMachine> {
  using system = new WireSystem(options);
  const { machine, end, unexplained } = await learn(system, { connections: 32 });
  expect({ end, unexplained }).toEqual({ end: null, unexplained: [] });
  return machine;
}

/** Each state as its edges in words; each by the number of its state: `ping: PINGRESP -> 1`. */
function edges({ states }: TimedMachine): Record<string, string>[] {
  const number = (name: string) => states.findIndex((state) => state.name === name);
  return states
    .filter(({ isClosed }) => !isClosed)
    .map((state) =>
      Object.fromEntries(
        Object.entries(state.edges).map(([input, { output, to, clock }]) => [
          input,
          `${output} -> ${number(to)} ${clock}`,
        ]),
      ),
    );
}

/** The output of silence in each open state, with its length in seconds. */
function timeouts({ states }: TimedMachine): (string | null)[] {
  return states
    .filter(({ isClosed }) => !isClosed)
    .map(
      ({ timeout }) =>
        timeout && `${timeout.output} ${((timeout.length ?? 0) / 1_000).toFixed(1)} s`,
    );
}

function skipped(program: string, version: string | null): boolean {
  if (version === null)
    console.log(`skipped: ${program} is not installed (apt-get install ${program})`);
  return version === null;
}

describe('a learner of MQTT', () => {
  it.each(['tcp', 'ws'] as const)(
    'learns aedes over %s with its connect timeout',
    async (scheme) => {
      await using broker = await startAedes(1_000);
      const machine = await learned({
        endpoint: broker[scheme],
        mapper: await mqtt(),
        values: mqttCredentials,
        horizon: 1_500,
      });
      expect(timeouts(machine)).toEqual(['closed 1.0 s', null]);
      const [fresh, connected] = edges(machine);
      expect(fresh).toMatchObject({
        connect: 'CONNACK-0 -> 1 stop',
        'connect-no-id': 'CONNACK-0 -> 1 stop',
      });
      expect(connected).toMatchObject({
        ping: 'PINGRESP -> 1 none',
        subscribe: 'SUBACK -> 1 none',
      });
    },
  );

  it.skipIf(skipped('mosquitto', installed('mosquitto', '-h')))('learns mosquitto', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto(folder.path);
    const machine = await learned({
      endpoint: broker.tcp,
      mapper: await mqtt(),
      values: mqttCredentials,
    });
    expect(timeouts(machine)).toEqual([null, null]);
    const [fresh, connected] = edges(machine);
    expect(fresh).toMatchObject({
      connect: 'CONNACK-0 -> 1 none',
      'connect-no-id': 'CONNACK-2 closed -> 2 none',
      ping: 'closed -> 2 none',
    });
    expect(connected).toMatchObject({ connect: 'closed -> 2 none', ping: 'PINGRESP -> 1 none' });
  });
});

const nats = installed('nats-server', '--version');
describe('a learner with the mapper of examples/learn-nats', () => {
  it.skipIf(skipped('nats-server', nats))('learns nats-server with a password', async () => {
    await using server = await startNats('--user', 'me', '--pass', 'secret');
    const machine = await learned({
      endpoint: server.tcp,
      mapper: await example('learn-nats'),
      values: { user: 'me', password: 'secret' },
    });
    expect(timeouts(machine)).toEqual(['Authentication_Timeout closed 2.0 s', null, null]);
    const [fresh, open, subscribed] = edges(machine);
    expect(fresh).toMatchObject({
      connect: '+OK -> 1 stop',
      ping: 'Authorization_Violation closed -> 3 stop',
    });
    // No password is needed once the client is known.
    expect(open).toMatchObject({ 'connect-anonymous': '+OK -> 1 none', sub: '+OK -> 2 none' });
    expect(subscribed).toMatchObject({ pub: '+OK MSG -> 2 none' });
  });
});

const redis = installed('redis-server', '--version');
describe('a learner with the mapper of examples/learn-redis', () => {
  it.skipIf(skipped('redis-server', redis))('learns redis with a password', async () => {
    await using folder = await temporaryFolder();
    await using server = await startRedis(folder.path, '--requirepass', 'sesame');
    const machine = await learned({
      endpoint: server.tcp,
      mapper: await example('learn-redis'),
      values: { password: 'sesame' },
    });
    const [locked, open, queueing] = edges(machine);
    expect(timeouts(machine)).toEqual([null, null, null]);
    expect(locked).toMatchObject({ ping: 'NOAUTH -> 0 none', exec: 'EXECABORT -> 0 none' });
    expect(open).toMatchObject({ ping: 'PONG -> 1 none', multi: 'OK -> 2 none' });
    expect(queueing).toMatchObject({ auth: 'QUEUED -> 2 none', exec: 'ARRAY -> 1 none' });
  });
});

describe('the mappers of the examples', () => {
  it.each(['learn-nats', 'learn-redis'])('%s has at most 50 lines', async (name) => {
    const text = await readFile(`examples/${name}/mapper.ts`, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(50);
  });
});
