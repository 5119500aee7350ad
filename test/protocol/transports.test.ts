import { once } from 'node:events';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseEndpoint } from '../../adapters/net/transports/index.js';
import { testCertificates } from '../support/certificates.js';
import { closedOf } from '../support/closed.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { LineClient, lineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck', referenceId: 1 };

async function webSocket(port: number, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, options);
  await once(socket, 'open');
  return socket;
}

async function answerTo(socket: WebSocket, message: unknown): Promise<unknown> {
  socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const [data, isBinary] = await once(socket, 'message');
  expect(isBinary).toBe(false);
  return JSON.parse(`${data}`);
}

const openWebSocket = (options = {}) => openGate({ listen: ['ws://127.0.0.1:0'], ...options });

describe('transports', () => {
  it('GATE-1.1 GATE-1.2 carry the same messages: TCP, TLS, WebSocket and secure WebSocket, with client certificates', async () => {
    const certificates = await testCertificates();
    const desk = await certificates.client('desk-1');
    const { server } = await openGate({
      listen: ['tcp', 'tls', 'ws', 'wss'].map((scheme) => parseEndpoint(`${scheme}://127.0.0.1:0`)),
      tls: { cert: certificates.server.cert, key: certificates.server.key, ca: certificates.ca },
    });
    const [tcp, tls, ws, wss] = server.endpoints.map(({ port }) => port);
    const trusted = { ca: certificates.ca, cert: desk.cert, key: desk.key, host: '127.0.0.1' };
    await using plainClient = await lineClient(tcp ?? 0);
    expect(await plainClient.ask(registerRequest())).toEqual(ack);
    const secure = tlsConnect({ ...trusted, port: tls ?? 0 });
    await once(secure, 'secureConnect');
    await using tlsClient = new LineClient(secure);
    expect(await tlsClient.ask(registerRequest())).toEqual(ack);
    for (const url of [`ws://127.0.0.1:${ws}/any/path`, `wss://127.0.0.1:${wss}`]) {
      const socket = new WebSocket(url, trusted);
      await once(socket, 'open');
      expect(await answerTo(socket, registerRequest())).toEqual(ack);
      socket.close();
      await closedOf(socket);
    }
    const anonymous = tlsConnect({ ca: certificates.ca, host: '127.0.0.1', port: tls ?? 0 });
    anonymous.on('error', () => {});
    anonymous.write(`${JSON.stringify(registerRequest())}\n`);
    let received = 0;
    anonymous.on('data', (data) => (received += data.length));
    await new Promise((resolve) => anonymous.once('close', resolve));
    expect(received).toBe(0);
    expect(server.sessions()).toMatchObject([
      { scheme: 'tcp', certificateSubject: null },
      { scheme: 'tls', certificateSubject: 'desk-1' },
    ]);
  });

  it('GATE-1.3 do not compress a WebSocket, even when the client offers it', async () => {
    const { port } = await openWebSocket();
    const socket = await webSocket(port, { perMessageDeflate: true });
    expect(socket.extensions).toBe('');
    socket.close();
  });
});

describe('a frame on WebSocket', () => {
  it('GATE-2.4 is one text message, in one fragment or several', async () => {
    const { port } = await openWebSocket();
    const socket = await webSocket(port);
    const text = JSON.stringify(registerRequest());
    const answered = once(socket, 'message');
    socket.send(text.slice(0, 20), { fin: false });
    socket.send(text.slice(20, 21), { fin: false });
    socket.send(text.slice(21), { fin: true });
    expect(JSON.parse(`${(await answered)[0]}`)).toEqual(ack);
    socket.close();
  });

  it.each<[string, (socket: WebSocket) => void, string, number]>([
    [
      'binary',
      (socket) => socket.send(Buffer.from('{}')),
      'the frame is binary; it must be a text frame',
      1003,
    ],
    [
      'not JSON',
      (socket) => socket.send('hello'),
      'the frame is not JSON; it must be one JSON object',
      1002,
    ],
    [
      'too long',
      (socket) => socket.send('x'.repeat(300)),
      'the frame is too long; at most 256 bytes are allowed',
      1009,
    ],
    [
      'not UTF-8',
      (socket) => socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false }),
      'the frame is not UTF-8',
      1002,
    ],
  ])(
    'GATE-7.1 GATE-8.3 that is %s is refused with its sentence and close code',
    async (_what, send, description, closeCode) => {
      const { port } = await openWebSocket({ maxFrame: 256 });
      const socket = await webSocket(port);
      const answered = once(socket, 'message');
      const closed = closedOf(socket);
      send(socket);
      expect(JSON.parse(`${(await answered)[0]}`)).toEqual({
        messageName: 'EventError',
        referenceId: null,
        errorCode: 5,
        errorDescription: description,
      });
      expect((await closed)[0]).toBe(closeCode);
    },
  );
});

describe('GATE-8.3 the WebSocket close code', () => {
  it('is 1008 when a deadline has run out', async () => {
    const { port } = await openWebSocket({ registrationTimeout: 100 });
    const [code] = await once(await webSocket(port), 'close');
    expect(code).toBe(1008);
  });

  it('is 1001 when the server shuts down', async () => {
    const { port, server } = await openWebSocket();
    const closed = once(await webSocket(port), 'close');
    await server.close();
    expect((await closed)[0]).toBe(1001);
  });

  it('is 1000 when the service disconnects its client', async () => {
    const { port, server } = await openWebSocket();
    const socket = await webSocket(port);
    await answerTo(socket, registerRequest());
    const [session] = server.sessions();
    const closed = closedOf(socket);
    server.session(session?.id ?? '')?.disconnect();
    expect((await closed)[0]).toBe(1000);
  });
});
