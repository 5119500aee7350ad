import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { type ConnectOptions, transportFor } from '../../../adapters/net/transports/index.js';

/** Listens in a blocked thread: connections wait in the backlog until `gate` is notified. */
const blockedListener = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer(() => {});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(workerData, 0, 0));
});`;

const twoAddresses = ((_host, _options, done) =>
  done(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ])) as NonNullable<ConnectOptions['lookup']>;

it('T56: a slow first address of a name is not given up early while connectTimeout lasts', async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(blockedListener, { eval: true, workerData: gate });
  const [port] = (await once(worker, 'message')) as [number];
  // Two connections fill the backlog. The system drops the next handshake and retries it after a second.
  const fillers = [0, 1].map(() => connect({ host: '127.0.0.1', port }));
  await Promise.all(fillers.map((filler) => once(filler, 'connect')));
  const connecting = transportFor('tcp').connect(
    { scheme: 'tcp', host: 'two-addresses.test', port, path: '/' },
    { timeout: 8_000, maxFrame: 1_024, lookup: twoAddresses } as ConnectOptions,
  );
  // The first handshake is sent in this turn, and dropped.
  await new Promise(setImmediate);
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  const connection = await connecting;
  expect(connection.remoteAddress).toBe('127.0.0.1');
  connection.destroy();
  for (const filler of fillers) filler.destroy();
  await worker.terminate();
});
