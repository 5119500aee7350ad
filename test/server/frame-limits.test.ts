import { beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint, Scheme } from '../../adapters/net/transports/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

closeGatesAfterEach();

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

const before = { maxFrame: 2_048, maxFrameUnregistered: 1_024 };
const changes = [
  ['raised', { maxFrame: 131_072, maxFrameUnregistered: 16_384 }],
  ['lowered', { maxFrame: 512, maxFrameUnregistered: 256 }],
] as const;
const schemes: readonly Scheme[] = ['tcp', 'tls', 'ws', 'wss'];

async function gateOn(scheme: Scheme) {
  const { cert, key } = certificates.server;
  const { server } = await openGate({
    ...before,
    listen: [`${scheme}://127.0.0.1:0`],
    tls: { cert, key },
    onMessage: ({ reply }) => reply.ack(),
  });
  const endpoint = server.endpoints[0] as Endpoint;
  return {
    server,
    client: () => WireClient.open(endpoint, certificates.ca),
    async registered() {
      const client = await WireClient.open(endpoint, certificates.ca);
      client.say(registerRequest());
      expect(await client.next()).toMatchObject({ messageName: 'EventAck' });
      return client;
    },
  };
}

/** A message of so many bytes. */
function messageOf(bytes: number): string {
  const [start, end] = ['{"messageName":"X","referenceId":7,"padding":"', '"}'];
  return `${start}${'x'.repeat(bytes - start.length - end.length)}${end}`;
}

/** A frame as long as the limit is answered; one byte more is too long, and the error and the close code tell it. */
async function expectLimit(client: WireClient, limit: number, answer: object): Promise<void> {
  client.say(messageOf(limit));
  expect(await client.next()).toMatchObject({ referenceId: 7, ...answer });
  client.say(messageOf(limit + 1));
  expect(await client.next()).toMatchObject({
    errorCode: 5,
    errorDescription: `the frame is too long; at most ${limit} bytes are allowed`,
  });
  await client.ended;
  if (client.isFramed) expect(client.closeCode).toBe(1009);
}

const acknowledged = { messageName: 'EventAck' };
const refused = { errorCode: 1 };

describe.each(changes)(
  'T87: limits of frames that are %s while the server runs',
  (_how, limits) => {
    it.each(schemes)('hold for the clients that come over %s', async (scheme) => {
      const { server, client, registered } = await gateOn(scheme);
      server.reconfigure(limits);
      await expectLimit(await client(), limits.maxFrameUnregistered, refused);
      await expectLimit(await registered(), limits.maxFrame, acknowledged);
      expect(server.counts().limits).toMatchObject({ maxFrame: 1, maxFrameUnregistered: 1 });
    });

    it.each(schemes)('hold for the clients that are there over %s', async (scheme) => {
      const { server, client, registered } = await gateOn(scheme);
      const [one, two, three] = [await client(), await registered(), await client()];
      await expect.poll(() => server.counts().open).toBe(3);
      server.reconfigure(limits);
      await expectLimit(one, limits.maxFrameUnregistered, refused);
      await expectLimit(two, limits.maxFrame, acknowledged);
      three.say(registerRequest({ clientName: 'desk-2' }));
      expect(await three.next()).toMatchObject(acknowledged);
      await expectLimit(three, limits.maxFrame, acknowledged);
      expect(server.counts().limits).toMatchObject({ maxFrame: 2, maxFrameUnregistered: 1 });
    });
  },
);
