// An inspector in a process that a test kills: prints its address, then its memory on each line of input.
import { createInterface } from 'node:readline';
import { openInspector } from '../../dist/adapters/inspector/index.js';

const server = await openInspector({ listen: process.argv[2] ?? 'http://127.0.0.1:0' });
console.log(server.url);
for await (const line of createInterface({ input: process.stdin })) {
  const [{ messages = 0, missing = 0, events = null } = {}] = server.apps().apps;
  // Collecting garbage takes time, so only when all has arrived.
  const isComplete = messages + missing >= Number(line);
  if (isComplete) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  console.log(JSON.stringify({ isComplete, held: heapUsed + arrayBuffers, missing, events }));
}
