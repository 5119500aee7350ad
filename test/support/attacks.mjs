/** What one peer may do at full speed. Each attack takes `{ports, localAddress, signal}`, runs until it is aborted, and reconnects when it is closed. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { answer } from './load-answers.mjs';

const registration = (clientName, more = {}) =>
  `${JSON.stringify({ messageName: 'RequestRegisterClient', referenceId: 1, clientName, clientType: 'Proxy', ...more })}\n`;
const request = (more = {}) =>
  `${JSON.stringify({ messageName: 'RequestAnything', referenceId: 2, ...more })}\n`;

/** Resolves when the socket is closed or the attack is aborted. */
async function over(socket, signal) {
  const gone = new Promise((resolve) => socket.once('close', resolve));
  if (socket.destroyed) return;
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await gone;
  signal.removeEventListener('abort', stop);
}

async function opened(port, localAddress) {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  socket.on('error', () => {}).resume();
  await once(socket, 'connect').catch(() => {});
  return socket;
}

/** Writes `first`, then `text` as fast as the socket accepts it, and reads what arrives. */
const overTcp =
  (first, text) =>
  async ({ ports, localAddress, signal }) => {
    const chunk = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
    while (!signal.aborted) {
      const socket = await opened(ports.tcp, localAddress);
      if (first) socket.write(first);
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
      await over(socket, signal);
    }
  };

/** One frame of a client, masked with zeros. */
function frame(first, text) {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? [0x80 | payload.length]
      : [0xfe, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.of(first, ...length, 0, 0, 0, 0), payload]);
}

const upgrade = (path) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '',
    '',
  ].join('\r\n');

/** The same with frames, over WebSocket on one port. */
const overWebSocket =
  (port, path, firstFrame, frames) =>
  async ({ ports, localAddress, signal }) => {
    const one = Buffer.concat(frames);
    const chunk = Buffer.concat(Array(Math.ceil(65_536 / one.length)).fill(one));
    while (!signal.aborted) {
      const socket = await opened(ports[port], localAddress);
      socket.write(upgrade(path));
      if (firstFrame) socket.write(firstFrame);
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
      await over(socket, signal);
    }
  };

/** Requests one page after the other. */
const scrape =
  (path) =>
  async ({ ports, localAddress, signal }) => {
    while (!signal.aborted) {
      await new Promise((resolve) => {
        const asked = httpRequest(
          { port: ports.admin, host: '127.0.0.1', path, localAddress, agent: false },
          (response) => {
            response.resume().once('close', resolve);
          },
        );
        asked.once('error', resolve);
        asked.end();
      });
    }
  };

const text = 0x81;
const attacks = {
  'an unregistered client: line feeds': overTcp('', '\n'),
  'an unregistered client: carriage returns and line feeds': overTcp('', '\r\n'),
  'an unregistered client: blank lines': overTcp('', '   \n'),
  'an unregistered client: wrong messages': overTcp('', request()),
  'an unregistered client: registrations that are refused': overTcp('', registration('stranger-1')),
  'an unregistered client: bytes without a line end': overTcp('', '{"a":"aaaaaaaaaaaaaaaa'),
  'an unregistered client: empty WebSocket messages': overWebSocket('ws', '/', null, [
    frame(text, ''),
  ]),
  'an unregistered client: empty WebSocket fragments': overWebSocket('ws', '/', frame(0x01, '{'), [
    frame(0x00, ''),
  ]),
  'an unregistered client: WebSocket pings': overWebSocket('ws', '/', null, [frame(0x89, '')]),
  'a registered client: small messages': overTcp(registration('busy'), request()),
  'a registered client: large messages': overTcp(
    registration('busy'),
    request({ text: 'x'.repeat(60_000) }),
  ),
  'a registered client: blank lines': overTcp(registration('busy'), '\n'),
  'a registered client: registrations': overTcp(registration('busy'), registration('busy')),
  'a registered client: small WebSocket messages': overWebSocket(
    'ws',
    '/',
    frame(text, registration('busy')),
    [frame(text, request())],
  ),
  'a registered client: WebSocket pings': overWebSocket(
    'ws',
    '/',
    frame(text, registration('busy')),
    [frame(0x89, '')],
  ),
  'a proxy client: messages of its clients': overTcp(
    registration('proxy', { proxyClientId: 'desk-1' }),
    request({ proxyClientId: 'desk-1' }),
  ),
  'an upgrade in progress: endless headers': async ({ ports, localAddress, signal }) => {
    while (!signal.aborted) {
      const socket = await opened(ports.ws, localAddress);
      socket.write('GET / HTTP/1.1\r\n');
      const chunk = 'X-A: a\r\n'.repeat(1_000);
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
      await over(socket, signal);
    }
  },
  'an upgrade in progress: requests for a page': overTcpTo(
    'ws',
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  ),
  'a TLS handshake in progress: invalid bytes': overTcpTo('tls', 'x'.repeat(64)),
  'a viewer: lists and watches': overWebSocket('admin', '/feed', null, [
    frame(text, '{"type":"list"}'),
    frame(text, '{"type":"watch","session":"none","after":0}'),
    frame(text, '{"type":"unwatch","session":"none"}'),
  ]),
  'a viewer: pings': overWebSocket('admin', '/feed', null, [frame(0x89, '')]),
  'an XState viewer: the messages it may send': overWebSocket('admin', '/xstate', null, [
    frame(text, '{"type":"xstate.inspecting"}'),
  ]),
  'a scraper of /metrics': scrape('/metrics'),
  'a reader of /sessions': scrape('/sessions'),
  'a reader of the page': scrape('/'),
  'pipelined requests for /metrics': overTcpTo(
    'admin',
    'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  ),
};

function overTcpTo(port, text) {
  const attack = overTcp('', text);
  return ({ ports, localAddress, signal }) =>
    attack({ ports: { tcp: ports[port] }, localAddress, signal });
}

/** Only computes, so that the machine is as busy without an attack as with one. */
async function compute({ signal }) {
  while (!signal.aborted) {
    const end = performance.now() + 5;
    while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let running = null;
answer({
  names: () => Object.keys(attacks),
  start({ attack, ports, localAddress }) {
    const abort = new AbortController();
    running = {
      abort,
      over: (attacks[attack] ?? compute)({ ports, localAddress, signal: abort.signal }),
    };
  },
  async stop() {
    running?.abort.abort();
    await running?.over;
    running = null;
  },
});
process.send({ ready: true });
