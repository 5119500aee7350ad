/** Many requests in one read of a connection: Node parses all of them, whatever happens to the first. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { excessRequests, isExcess } from '../../adapters/net/excess-requests.js';
import { openPageServer } from '../../adapters/web/index.js';
import { closedOf } from '../support/closed.js';

const request = 'GET /recordings.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

async function opened(port: number, localAddress: string) {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

it('T77: nothing is parsed behind the first request that is one too many', async () => {
  let requests = 0;
  const IncomingMessage = excessRequests(() => requests >= 3);
  const server = createServer({ IncomingMessage }, () => {
    requests += 1;
  });
  onTestFinished(() => server.closeAllConnections());
  const upgraded = once(server, 'upgrade');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = await opened((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(request.repeat(1_000));
  const [message, stream, head] = await upgraded;
  expect(requests).toBe(3);
  expect(isExcess(message)).toBe(true);
  // The rest is not parsed. Node 26 drops it.
  expect(['', request]).toContain(String(head).slice(0, request.length));
  stream.destroy();
  server.close();
});

it('T77: an upgrade is still an upgrade, and an ordinary request is not', async () => {
  const IncomingMessage = excessRequests(() => false);
  const server = createServer({ IncomingMessage }, (message, response) => {
    response.end(`${(message as { upgrade?: unknown }).upgrade}`);
  });
  onTestFinished(() => server.closeAllConnections());
  const upgraded = once(server, 'upgrade');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' });
  expect(await answer.text()).toBe('false');
  const socket = await opened(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [message, stream] = await upgraded;
  expect(isExcess(message)).toBe(false);
  stream.destroy();
  server.close();
});

it('T77: an address that sent too many requests at once is read again after a second; others are answered', async () => {
  await using server = await openPageServer();
  const port = Number(new URL(server.url).port);
  const flooding = await opened(port, '127.0.0.2');
  const gone = closedOf(flooding);
  flooding.write(request.repeat(1_500));
  await gone;
  const again = await opened(port, '127.0.0.2');
  const start = performance.now();
  let answered = '';
  again.setEncoding('utf8').on('data', (text) => {
    answered += text;
  });
  again.write(request);
  expect((await fetch(`${server.url}/recordings.json`)).status).toBe(200);
  await closedOf(again);
  expect(performance.now() - start).toBeGreaterThan(800);
  expect(answered).toBe('');
  // A timer may be a millisecond early: then the penalty is not over yet.
  await expect
    .poll(async () => {
      const last = await opened(port, '127.0.0.2');
      last.write(request);
      const closed = closedOf(last).then(() => 'closed');
      return Promise.race([once(last, 'data').then(String, () => 'closed'), closed]);
    })
    .toContain('HTTP/1.1 200');
});
