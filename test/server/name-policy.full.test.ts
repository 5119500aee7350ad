import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import type { ServerOptions } from '../../adapters/server/index.js';
import { createServer } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck' };
const capped: ServerOptions = { validator: () => ({ valid: true, cap: 1 }) };

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

describe('a name whose cap is reached', () => {
  it('T65: is rejected at once by the policy reject', async () => {
    const { client } = await openGate({ ...capped, namePolicy: 'reject' });
    await using holder = await client();
    await holder.ask(registerRequest());
    await using second = await client();
    const start = performance.now();
    expect(await second.ask(registerRequest())).toMatchObject({ errorCode: 9 });
    expect(performance.now() - start).toBeLessThan(400);
    expect(await holder.ask({ messageName: 'RequestRegisterClient' })).toMatchObject({
      errorCode: 4,
    });
  });

  it.each(['tcp', 'tls', 'ws', 'wss'] as const)(
    'T65: is rejected by the policy probe while its holder answers (%s)',
    async (scheme) => {
      const { cert, key } = certificates.server;
      const server = await createServer({
        listen: [`${scheme}://127.0.0.1:0`],
        ...capped,
        ...((scheme === 'tls' || scheme === 'wss') && { tls: { cert, key } }),
      });
      await using _closing = server;
      const [endpoint] = server.endpoints;
      if (!endpoint) throw new Error('the server has no endpoint');
      const holder = await WireClient.open(endpoint, certificates.ca);
      expect(await holder.ask(registerRequest())).toMatchObject(ack);
      const second = await WireClient.open(endpoint, certificates.ca);
      expect(await second.ask(registerRequest())).toMatchObject({
        errorCode: 9,
        errorDescription: 'name in use: 1 registered under this name already',
      });
      expect(server.counts().registered).toBe(1);
      // The rejected client can ask again, and is registered once the holder has left.
      const gone = once(server, 'disconnected');
      holder.raw.stream.destroy();
      await gone;
      expect(await second.ask(registerRequest({ referenceId: 2 }))).toMatchObject(ack);
      second.raw.stream.destroy();
    },
  );

  it('T65: goes to the new client by the policy takeover, and the old one gets session-replaced', async () => {
    const { server, client } = await openGate({ ...capped, namePolicy: 'takeover' });
    await using holder = await client();
    await holder.ask(registerRequest());
    const disconnected = once(server, 'disconnected');
    await using second = await client();
    expect(await second.ask(registerRequest())).toMatchObject(ack);
    expect(await holder.next()).toMatchObject({ referenceId: null, errorCode: 11 });
    expect(await holder.next()).toBeNull();
    expect((await disconnected)[1]).toBe('replaced');
    expect(server.counts().registered).toBe(1);
  });

  it('T65: of several sessions the policy takeover replaces the oldest', async () => {
    const { server, client } = await openGate({
      validator: () => ({ valid: true, cap: 2 }),
      namePolicy: 'takeover',
    });
    await using oldest = await client();
    await oldest.ask(registerRequest());
    await using other = await client();
    await other.ask(registerRequest());
    await using third = await client();
    expect(await third.ask(registerRequest())).toMatchObject(ack);
    expect(await oldest.next()).toMatchObject({ errorCode: 11 });
    expect(await other.ask({ messageName: 'RequestRegisterClient' })).toMatchObject({
      errorCode: 4,
    });
    expect(server.counts().registered).toBe(2);
  });

  it('T65: a client that leaves while its name is probed gets no answer, and nothing of it is left', async () => {
    const { server, client } = await openGate(capped);
    await using holder = await client();
    await holder.ask(registerRequest());
    const second = await client();
    second.say(registerRequest());
    await expect.poll(() => server.sessions()[1]?.state).toBe('validating/registration');
    const gone = once(server, 'disconnected');
    second.socket.destroy();
    await gone;
    await expect.poll(() => server.counts()).toMatchObject({ open: 1, registered: 1 });
  });

  it('T65: rejects an unknown policy', async () => {
    await expect(createServer({ namePolicy: 'replace' as never })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      option: 'namePolicy',
    });
  });
});

it('T66: a WebSocket client that does not answer a ping is replaced', async () => {
  const { server } = await openGate({ ...capped, listen: ['ws://127.0.0.1:0'] });
  const [endpoint] = server.endpoints;
  if (!endpoint) throw new Error('the server has no endpoint');
  const silent = new WebSocket(formatEndpoint(endpoint), { autoPong: false });
  await once(silent, 'open');
  silent.send(JSON.stringify(registerRequest()));
  await once(server, 'registered');
  const disconnected = once(server, 'disconnected');
  const second = await WireClient.open(endpoint);
  expect(await second.ask(registerRequest())).toMatchObject(ack);
  expect(await disconnected).toMatchObject([{}, 'replaced', { code: 'NO_ANSWER' }]);
  second.raw.stream.destroy();
});

const canUnshare =
  spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0;
if (!canUnshare && process.env.CI)
  throw new Error('CI needs unshare and ip (util-linux, iproute2)');
if (!canUnshare)
  console.log('SKIPPED T66: this machine cannot make network namespaces (unshare -rn, ip)');

describe.skipIf(!canUnshare)('a client whose path was cut without a FIN', () => {
  it.each([
    ['is idle', 'idle'],
    ['was sent an event since', 'push'],
  ])('T66: is replaced by its next connection when it %s', async (_when, pushes) => {
    const args = ['-rn', process.execPath, 'test/faults/cut-path-child.mjs', pushes];
    const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const result = JSON.parse(await text(child.stdout));
    expect(result).toMatchObject({
      first: 'EventAck',
      second: 'EventAck',
      reason: 'replaced',
      code: 'NO_ANSWER',
      lost: '10.9.9.2',
      registered: 1,
    });
    expect(result.ms).toBeLessThan(4_000);
  });
});
