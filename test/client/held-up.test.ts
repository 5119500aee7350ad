/** A client whose event loop is delayed while the answer comes in. The delay must not count against the server. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { createClient, type GateClient } from '../../adapters/client/index.js';

/** A server in a separate thread. It acknowledges every message and counts the bytes that it has passed to the system. */
const server = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const answered = new Int32Array(workerData);
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (line) => {
    const { referenceId } = JSON.parse(line);
    socket.write(JSON.stringify({ messageName: 'EventAck', referenceId }) + '\\n', () => {
      Atomics.add(answered, 0, 1);
      Atomics.notify(answered, 0);
    });
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const patience = 100;
const open: { client?: GateClient; worker?: Worker } = {};
afterEach(async () => {
  await open.client?.close();
  await open.worker?.terminate();
});

async function scene() {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(server, { eval: true, workerData: answered.buffer });
  open.worker = worker;
  const [port] = await once(worker, 'message');
  const client = createClient({
    endpoints: `tcp://127.0.0.1:${port}`,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    replyTimeout: patience,
    requestTimeout: patience,
    reconnect: false,
  });
  open.client = client;
  /** Holds the event loop up until the answer of this number is there and the client should have had it long ago. */
  const holdUp = (count: number) => {
    const until = performance.now() + 2 * patience;
    Atomics.wait(answered, 0, count - 1, 10_000);
    while (performance.now() < until);
  };
  return { client, holdUp };
}

// The delay is in a phase of the event loop after which Node runs timers before it reads sockets.

it('A registration that was answered during a delay of the client is granted', async () => {
  const { client, holdUp } = await scene();
  client.on('step', ({ name }) => {
    if (name === 'RequestRegisterClient') setImmediate(() => holdUp(1));
  });
  expect((await client.registered).ack.messageName).toBe('EventAck');
});

it('A request that was answered during a delay of the client gets its answer', async () => {
  const { client, holdUp } = await scene();
  await client.registered;
  const answer = client.request({ messageName: 'RequestStatus' });
  setImmediate(() => holdUp(2));
  expect((await answer).messageName).toBe('EventAck');
});
