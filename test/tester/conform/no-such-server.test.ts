import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';
import { createServer, type GateServer, valid } from '../../../adapters/server/index.js';
import { conform, endpointTarget, NotReachableError } from '../../../adapters/tester/index.js';
import { floodingServer } from '../../support/flooding-server.js';
import { suiteByHand } from './suite-by-hand.js';
import { plainServer, socketServer } from './wrong-servers/plain-server.js';
import { ClosesAtOnce } from './wrong-servers/wrong-sessions.js';

const played = (endpoint: string) =>
  conform({
    target: endpointTarget(endpoint, { insecure: true }),
    suite: suiteByHand([['silence'], ['register']]),
    registrationTimeout: 300,
    rejectionTimeout: 200,
    responseTimeout: 500,
    connectTimeout: 2_000,
  });

const as = (scheme: string, endpoint: string) => endpoint.replace(/^\w+:/, `${scheme}:`);

function refusing(endpoint: string, looks: string | RegExp) {
  return expect(played(endpoint)).rejects.toMatchObject({
    name: 'NotTestableError',
    code: 'NOT_TESTABLE',
    message: expect.stringMatching(looks),
  });
}

describe('a server of another protocol is described at once', () => {
  let gate: GateServer;
  let http: string;
  const web = createHttpServer((_request, response) => response.end('hello'));
  beforeAll(async () => {
    const { cert, key } = await selfSigned();
    const listen = ['tcp://127.0.0.1:0', 'tls://127.0.0.1:0'];
    gate = await createServer({ listen, tls: { cert, key }, validator: () => valid });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    http = `tcp://127.0.0.1:${(web.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await gate.close();
    web.closeAllConnections();
    web.close();
  });

  it('an HTTP server, on a socket and as a WebSocket', async () => {
    await refusing(http, /^tcp:.* cannot be tested: it answers like an HTTP server$/);
    await refusing(
      as('ws', http),
      /it is an HTTP server that accepts no WebSocket at this path \(status 200\)$/,
    );
  });

  it('an echo', async () => {
    await using echo = await socketServer((socket) => socket.pipe(socket));
    await refusing(echo.endpoint, /it echoes its input, like an echo server$/);
  });

  it('one that floods; the tester reads little of it', async () => {
    const thenForEver =
      '{"messageName":"EventError","referenceId":1,"errorCode":1,"errorDescription":"x"}\n';
    await using flood = await floodingServer({ thenForEver });
    await refusing(flood.endpoint, /it sends endless data, whatever the request$/);
    // The buffers of both sides hold a few megabytes.
    expect(flood.sent()).toBeLessThan(64 * 1_048_576);
  });

  it('one that accepts and closes', async () => {
    await using server = await plainServer(ClosesAtOnce);
    await refusing(
      server.endpoint,
      /it accepts connections and closes them at once, without a message \(after \d+ ms\)$/,
    );
  });

  it('one that speaks TLS, and one that does not', async () => {
    const [plain, secure] = gate.endpoints.map(({ port }) => port);
    await refusing(`tcp://127.0.0.1:${secure}`, /it speaks TLS: try tls:\/\/$/);
    await refusing(`ws://127.0.0.1:${secure}`, /it speaks TLS: try wss:\/\/$/);
    await refusing(`tls://127.0.0.1:${plain}`, /it does not speak TLS$/);
  });

  it('one that speaks another protocol, with its text escaped', async () => {
    await using ssh = await socketServer((socket) => socket.write('SSH-2.0-x\r\n'));
    await refusing(ssh.endpoint, /it answers like an SSH server$/);
    await using other = await socketServer((socket) => socket.write('\u001b[2J+OK ready\r\n'));
    await refusing(other.endpoint, /it sends invalid messages: "\\u001b\[2J\+OK ready\\r\\n"$/);
    await refusing(as('ws', other.endpoint), /it does not speak HTTP, so WebSocket is impossible$/);
  });

  it('an unreachable one', async () => {
    const gone = await socketServer(() => {});
    await gone[Symbol.asyncDispose]();
    await expect(played(gone.endpoint)).rejects.toThrow(NotReachableError);
    await expect(played(gone.endpoint)).rejects.toThrow(`${gone.endpoint} could not be reached: `);
  });
});
