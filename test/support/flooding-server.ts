/** A server in a separate thread that sends the same text as long as the client reads it; in the test's thread it would share the event loop. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What it sends first, and then endlessly. `$ack` stands for the answer to the registration. */
export interface Flood {
  readonly first?: string;
  readonly thenForEver: string;
}

export interface FloodingServer extends AsyncDisposable {
  readonly endpoint: string;
  /** Bytes that the system has accepted from it. */
  sent(): number;
}

const program = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const { first, thenForEver, sent } = workerData;
const counted = new BigInt64Array(sent);
const chunk = Buffer.from(thenForEver.repeat(Math.ceil(65536 / thenForEver.length)));
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (line) => {
    const { referenceId } = JSON.parse(line);
    if (first) socket.write(first.replace('$ack', JSON.stringify({ messageName: 'EventAck', referenceId }) + '\\n'));
    const pour = () => {
      if (socket.destroyed) return;
      Atomics.store(counted, 0, BigInt(socket.bytesWritten));
      socket.write(chunk, () => setImmediate(pour));
    };
    pour();
    pour();
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

export async function floodingServer(flood: Flood): Promise<FloodingServer> {
  const sent = new SharedArrayBuffer(8);
  const worker = new Worker(program, { eval: true, workerData: { ...flood, sent } });
  const [port] = await once(worker, 'message');
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    sent: () => Number(Atomics.load(new BigInt64Array(sent), 0)),
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
