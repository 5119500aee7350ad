/**
 * The embed suite: a gate as a service embeds it, with real sockets and without a test framework, so that every runtime can run it. Prints one
 * line for each promise and exits with 1 when one is broken. It uses the build: `npm run test:runtimes`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { createAdmin } from '../../dist/adapters/admin/index.js';
import { createClient } from '../../dist/adapters/client/index.js';
import { selfSigned } from '../../dist/adapters/net/transports/self-signed.js';
import { createServer } from '../../dist/adapters/server/index.js';

const registration =
  '{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-1","clientType":"Proxy"}\n';
const token = 'correct-horse-battery-staple';
/** Milliseconds after which a promise counts as broken. */
const patience = 20_000;

/** What a promise opened; closed after it, the last first. `await using` is too new for the oldest Node. */
const toClose = [];

/** A gate that lets in names beginning with `desk-` and answers with the agent's id. */
async function openGate(options = {}) {
  const gate = await createServer({
    validator: ({ clientName }) => clientName.startsWith('desk-'),
    onMessage: ({ message, reply }) => reply.ack({ agentId: message.agentId }),
    ...options,
  });
  toClose.push(() => gate.close());
  return gate;
}

function openAdmin(gate) {
  const admin = createAdmin(gate, { token });
  toClose.push(() => admin.close());
  return admin;
}

const clientOf = (endpoints, clientName = 'desk-1', options = {}) =>
  createClient({
    endpoints,
    clientName,
    clientType: 'AgentApplication',
    reconnect: false,
    ...options,
  });

async function visit(endpoint, options = {}) {
  const client = clientOf(endpoint, 'desk-1', options);
  const { ack } = await client.registered;
  assert.equal(ack.messageName, 'EventAck');
  const answer = await client.request({ messageName: 'RequestAgentLogin', agentId: '1001' });
  assert.equal(answer.agentId, '1001');
  await client.close();
}

/** An HTTP server with a route, which `use` attaches to. */
async function withHttp(use, handler = (_request, response) => response.end('hello')) {
  const server = createHttpServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(server, server.address().port);
  } finally {
    server.close();
    server.closeAllConnections?.();
  }
}

/** The lines of JSON that a server sends on a socket, until it ends. */
async function linesOf(socket) {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const promises = {
  async 'a client registers over tcp and its messages are answered'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'] });
    await visit(`tcp://127.0.0.1:${gate.endpoints[0].port}`);
  },
  async 'a client registers over ws'() {
    const gate = await openGate({ listen: ['ws://127.0.0.1:0'] });
    await visit(`ws://127.0.0.1:${gate.endpoints[0].port}`);
  },
  async 'a client registers over tls, and over wss where the runtime can listen on it'() {
    const { cert, key, ca } = await selfSigned();
    const tls = { cert, key };
    const wss = ['wss://127.0.0.1:0'];
    if (globalThis.Bun) await assert.rejects(openGate({ listen: wss, tls }), /node:https/);
    const gate = await openGate({
      listen: ['tls://127.0.0.1:0', ...(globalThis.Bun ? [] : wss)],
      tls,
    });
    for (const { scheme, port } of gate.endpoints)
      await visit(`${scheme}://localhost:${port}`, { tls: { ca } });
  },
  async 'an invalid client is refused'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'] });
    const client = clientOf(`tcp://127.0.0.1:${gate.endpoints[0].port}`, 'intruder');
    await assert.rejects(client.registered, { code: 'REGISTRATION_REFUSED', errorCode: 2 });
    await client.close();
  },
  async 'a silent client is disconnected at the deadline'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'], registrationTimeout: 100 });
    const socket = connect(gate.endpoints[0].port, '127.0.0.1');
    const reason = once(gate, 'disconnected').then(([, why]) => why);
    socket.resume();
    await once(socket, 'close');
    assert.equal(await reason, 'registration-timeout');
  },
  async 'a frame that is too long closes the connection'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'] });
    const socket = connect(gate.endpoints[0].port, '127.0.0.1').on('error', () => {});
    socket.write('x'.repeat(65_536));
    socket.resume();
    await once(socket, 'close');
    assert.equal(gate.sessions().length, 0);
  },
  async 'a registered client that reads nothing is disconnected at the limit of unsent bytes'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'] });
    const socket = connect(gate.endpoints[0].port, '127.0.0.1').on('error', () => {});
    socket.pause();
    socket.write(registration);
    const [{ id }] = await once(gate, 'registered');
    const reason = once(gate, 'disconnected').then(([, why]) => why);
    const filler = { messageName: 'EventFiller', text: 'x'.repeat(65_536) };
    let sent = 0;
    while (gate.session(id)?.send(filler) && sent < 2_000) {
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await reason, 'slow-reader');
    socket.destroy();
  },
  async 'attach: clients register at a path of an HTTP server, beside its routes'() {
    const gate = await openGate();
    await withHttp(async (server, port) => {
      gate.attach(server, { path: '/clients' });
      await visit(`ws://127.0.0.1:${port}/clients`);
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'hello');
      await gate.close();
    });
  },
  async 'attach: clients register at a path of an HTTPS server'() {
    const { cert, key, ca } = await selfSigned();
    const gate = await openGate();
    const server = createHttpsServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    gate.attach(server, { path: '/clients' });
    await visit(`wss://localhost:${server.address().port}/clients`, { tls: { ca } });
    await gate.close();
    server.close();
  },
  async 'attach: a gate without a free slot answers 503'() {
    const gate = await openGate({ maxConnections: 1 });
    await withHttp(async (server, port) => {
      gate.attach(server, { path: '/clients' });
      const first = clientOf(`ws://127.0.0.1:${port}/clients`);
      await first.registered;
      const second = new WebSocket(`ws://127.0.0.1:${port}/clients`);
      const [error] = await once(second, 'error');
      assert.match(error.message, /503|Unexpected|Expected/);
      await first.close();
      await gate.close();
    });
  },
  async 'accept: a net.Socket of the service'() {
    const gate = await openGate();
    const server = createTcpServer((socket) => void gate.accept(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await visit(`tcp://127.0.0.1:${server.address().port}`);
    server.close();
  },
  async 'accept: a Duplex'() {
    const gate = await openGate();
    const [near, far] = pair();
    gate.accept(far, { remoteAddress: '192.0.2.7' });
    near.write(registration);
    const [line] = await once(near, 'data');
    assert.equal(JSON.parse(line).messageName, 'EventAck');
    near.destroy();
  },
  async 'drain: clients get an EventError, may finish, and the gate closes'() {
    const gate = await openGate({ listen: ['tcp://127.0.0.1:0'] });
    const client = clientOf(`tcp://127.0.0.1:${gate.endpoints[0].port}`);
    await client.registered;
    const unregistered = connect(gate.endpoints[0].port, '127.0.0.1');
    const told = linesOf(unregistered);
    await once(gate, 'connected');
    const closed = gate.close({ drainMs: 5_000 });
    const answer = await client.request({ messageName: 'RequestAgentLogin', agentId: '7' });
    assert.equal(answer.agentId, '7');
    await client.close();
    await closed;
    assert.deepEqual(
      (await told).map(({ errorCode }) => errorCode),
      [7],
    );
  },
  async 'admin: the page, probes and metrics by node:http'() {
    const gate = await openGate();
    const admin = openAdmin(gate);
    await withHttp(async (_server, port) => {
      const url = `http://127.0.0.1:${port}/ixgate`;
      const statusOf = async (path, headers = {}) => (await fetch(url + path, { headers })).status;
      assert.equal(await statusOf('/readyz'), 200);
      assert.equal(await statusOf('/', { accept: 'text/html' }), 200);
      assert.equal(await statusOf('/metrics'), 401);
      assert.equal(await statusOf('/metrics', { authorization: `Bearer ${token}` }), 200);
    }, admin.handler);
  },
  async 'admin: by the Fetch API'() {
    const gate = await openGate();
    const admin = openAdmin(gate);
    const response = await admin.fetch(
      new Request('http://localhost/ixgate/sessions', {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    assert.deepEqual(await response.json(), { count: 0, sessions: [] });
  },
  async 'admin: the feed, attached to an HTTP server'() {
    const gate = await openGate();
    const admin = openAdmin(gate);
    await withHttp(async (server, port) => {
      admin.attach(server);
      const viewer = new WebSocket(`ws://127.0.0.1:${port}/ixgate/feed?token=${token}`);
      const [data] = await once(viewer, 'message');
      assert.equal(JSON.parse(String(data)).type, 'hello');
      viewer.terminate();
      admin.close();
    }, admin.handler);
  },
};

/** Two ends of a connection in memory. */
function pair() {
  const ends = [];
  const end = (other) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        ends[other].push(chunk);
        done();
      },
      final(done) {
        ends[other].push(null);
        done();
      },
    });
  ends.push(end(1), end(0));
  return ends;
}

let failed = 0;
for (const [title, keep] of Object.entries(promises)) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not kept within ${patience} ms`)), patience);
  });
  try {
    await Promise.race([keep(), late]);
    for (const close of toClose.splice(0).reverse()) await Promise.race([close(), late]);
    console.log(`ok      ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`BROKEN  ${title}: ${error?.stack ?? error}`);
  } finally {
    clearTimeout(timer);
    toClose.length = 0;
  }
}
const runtime = globalThis.Bun
  ? `Bun ${Bun.version}`
  : globalThis.Deno
    ? `Deno ${Deno.version.deno}`
    : `Node ${process.version}`;
const kept = Object.keys(promises).length - failed;
console.log(`${runtime}: ${kept} of ${kept + failed} promises kept`);
process.exit(failed > 0 ? 1 : 0);
