/** How a client chooses endpoints: different failures, changing host names, servers with retryAfter. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/index.js';
import {
  client,
  deadPort,
  error,
  granting,
  type Line,
  scripted,
  tidyAfterEach,
} from '../client/scripted-server.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { floodingServer } from '../support/flooding-server.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

tidyAfterEach();
closeGatesAfterEach();

const quick = { initialDelay: 5, maxDelay: 10 };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A web server that rejects every upgrade. @returns its endpoint */
async function refusingUpgrades(headers: Record<string, string> = {}): Promise<string> {
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join('')}Content-Length: 0\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const portOf = (endpoint: string) => Number(/:(\d+)$/.exec(endpoint)?.[1]);

describe('A list of endpoints', () => {
  it('T44: is tried in order, whatever fails, until one registers; after a loss the client starts from there', async () => {
    await using flooding = await floodingServer({ thenForEver: 'x' });
    const good = await scripted(granting());
    const endpoints = [
      `tcp://127.0.0.1:${await deadPort()}`,
      (await scripted((_line, peer) => peer.socket.end())).endpoint,
      (await scripted((_line, peer) => peer.socket.resetAndDestroy())).endpoint,
      (await scripted(() => {})).endpoint,
      (await scripted((_line, peer) => peer.say('nonsense\n'))).endpoint,
      (await scripted((line, peer) => peer.say(error(line, 6, 'busy')))).endpoint,
      await refusingUpgrades(),
      `tls://127.0.0.1:${(await scripted(null)).port}`,
      `wss://127.0.0.1:${(await scripted(null)).port}`,
      flooding.endpoint,
      good.endpoint,
      (await scripted(granting())).endpoint,
    ];
    const { client: desk, journal } = client(endpoints, {
      reconnect: quick,
      replyTimeout: 1_500,
      connectTimeout: 1_500,
    });
    expect((await desk.registered).endpoint).toBe(good.endpoint);
    const begun = () => journal.filter((line) => line.startsWith('connecting'));
    expect(begun()).toEqual(
      endpoints.slice(0, -1).map((one, index) => `connecting ${portOf(one)} ${index + 1}`),
    );
    const ends = journal.filter((line) => line.startsWith('disconnected'));
    expect(ends).toEqual([
      'disconnected connect-failed CONNECT_FAILED',
      'disconnected peer-closed DISCONNECTED',
      'disconnected transport-error DISCONNECTED',
      'disconnected reply-timeout REPLY_TIMEOUT',
      'disconnected protocol-error PROTOCOL_ERROR',
      'disconnected client-closed REGISTRATION_REFUSED',
      'disconnected connect-failed CONNECT_FAILED',
      'disconnected connect-failed CONNECT_FAILED',
      'disconnected connect-failed CONNECT_FAILED',
      'disconnected protocol-error PROTOCOL_ERROR',
    ]);
    // The one that registered, then the one after it.
    const elsewhere = once(desk, 'registered');
    await good.close();
    expect((await elsewhere)[0].endpoint).toBe(endpoints.at(-1));
    expect(begun().slice(endpoints.length - 1)).toEqual([
      `connecting ${good.port} 1`,
      `connecting ${portOf(endpoints.at(-1) ?? '')} 2`,
    ]);
  });
});

/** A lookup that returns these answers in order, an error code or an address, and then repeats the last. */
function answering(...answers: string[]) {
  const asked: string[] = [];
  const lookup: LookupFunction = (name, options, callback) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? '';
    asked.push(name);
    process.nextTick(() => {
      if (!/\d/.test(answer)) {
        callback(Object.assign(new Error(`no address of ${name}`), { code: answer }), '');
      } else if (options.all) callback(null, [{ address: answer, family: 4 }]);
      else callback(null, answer, 4);
    });
  };
  return { lookup, asked };
}

describe('A host name', () => {
  let certificates: TestCertificates;
  beforeAll(async () => {
    certificates = await testCertificates();
  });

  it('T44: that changes its address is followed: it is resolved again for each attempt', async () => {
    const old = await scripted(granting());
    const moved = await scripted(granting(), { host: '127.0.0.2', port: old.port });
    const { lookup, asked } = answering('127.0.0.1', '127.0.0.2');
    const { client: desk } = client(`tcp://gate.test:${old.port}`, { lookup, reconnect: quick });
    await desk.registered;
    expect([old.peers.length, moved.peers.length]).toEqual([1, 0]);
    const again = once(desk, 'registered');
    await old.close();
    await again;
    expect(moved.peers).toHaveLength(1);
    expect(asked).toEqual(['gate.test', 'gate.test']);
  });

  it.each(['tcp', 'tls', 'ws', 'wss'])(
    'T44: that is not known yet is resolved again, over %s',
    async (scheme) => {
      const { cert, key } = certificates.server;
      const { server } = await openGate({
        listen: [`${scheme}://127.0.0.1:0`],
        tls: { cert, key },
        allowedHosts: ['gate.test'],
      });
      const [bound] = server.endpoints;
      if (!bound) throw new Error('the gate does not listen');
      const { lookup, asked } = answering('ENOTFOUND', 'EAI_AGAIN', '127.0.0.1');
      const { client: desk, journal } = client(formatEndpoint({ ...bound, host: 'gate.test' }), {
        lookup,
        reconnect: quick,
        tls: { ca: certificates.ca, servername: 'localhost' },
      });
      await desk.registered;
      expect(asked).toEqual(['gate.test', 'gate.test', 'gate.test']);
      expect(journal.filter((line) => line.startsWith('disconnected'))).toEqual([
        'disconnected connect-failed CONNECT_FAILED',
        'disconnected connect-failed CONNECT_FAILED',
      ]);
    },
  );

  it('whose lookup never answers times out after connectTimeout', async () => {
    const { client: desk } = client('tcp://gate.test:7004', {
      lookup: () => {},
      connectTimeout: 60,
    });
    const [, problem] = await once(desk, 'disconnected');
    expect(problem).toMatchObject({ code: 'CONNECT_FAILED', cause: { code: 'ETIMEDOUT' } });
  });

  it('whose lookup throws ends the attempt', async () => {
    const { client: desk } = client('tcp://gate.test:7004', {
      lookup: () => {
        throw new Error('no resolver');
      },
    });
    const [, problem] = await once(desk, 'disconnected');
    expect(problem).toMatchObject({ code: 'CONNECT_FAILED', cause: { message: 'no resolver' } });
  });
});

/** How long a client with a delay of 0 waits after its first attempt. */
async function waitAfter(endpoints: string[], options: Parameters<typeof client>[1] = {}) {
  const { client: desk } = client(endpoints, { reconnect: {}, random: () => 0, ...options });
  const [delay] = await once(desk, 'waiting');
  await desk.close();
  return delay as number;
}

describe('A server that is busy', () => {
  const busy = (more: Line, code = 6) =>
    scripted((line, peer) => peer.say({ ...error(line, code, 'later'), ...more }));

  it('is retried after the time in its error', async () => {
    const { endpoint } = await busy({ retryAfter: 4_000 });
    expect(await waitAfter([endpoint])).toBe(4_000);
    const renumbered = await busy({ retryAfter: 4_000 }, 106);
    const errorCodes = { 'server-busy': 106 };
    expect(await waitAfter([renumbered.endpoint], { errorCodes })).toBe(4_000);
    expect(await waitAfter([(await busy({ retryAfter: 1e300 })).endpoint])).toBe(600_000);
  });

  it.each([null, '4000', -1, 0.5, true, [4_000], {}])(
    'and sends the invalid time %j is retried as usual',
    async (retryAfter) => {
      expect(await waitAfter([(await busy({ retryAfter })).endpoint])).toBe(0);
    },
  );

  it('is retried after the time in any transient error', async () => {
    const leaving = await busy({ retryAfter: 4_000 }, 7);
    expect(await waitAfter([leaving.endpoint])).toBe(4_000);
  });

  it('does not delay the client when the error is final or another endpoint is left', async () => {
    const refusing = await busy({ retryAfter: 4_000 }, 2);
    expect(await waitAfter([refusing.endpoint], { reconnect: { retryRefused: true } })).toBe(0);
    const { endpoint } = await busy({ retryAfter: 4_000 });
    expect(await waitAfter([endpoint, endpoint])).toBe(0);
  });

  it('is also recognized by the Retry-After of a rejected upgrade', async () => {
    expect(await waitAfter([await refusingUpgrades({ 'Retry-After': '3' })])).toBe(3_000);
    expect(await waitAfter([await refusingUpgrades()])).toBe(0);
    expect(await waitAfter([await refusingUpgrades({ 'Retry-After': 'soon' })])).toBe(0);
  });

  it('is reported to the caller', async () => {
    const { client: desk } = client((await busy({ retryAfter: 4_000 })).endpoint);
    expect((await once(desk, 'refused'))[0]).toMatchObject({ errorCode: 6, retryAfter: 4_000 });
    const { client: other } = client(await refusingUpgrades({ 'Retry-After': '3' }));
    expect((await once(other, 'disconnected'))[1]).toMatchObject({ retryAfter: 3_000 });
  });
});
