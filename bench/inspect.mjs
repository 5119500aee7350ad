/**
 * What the inspector costs an app: `npm run bench:inspect [-- rounds]`. Each round runs every variant once, in a new process that sends the
 * same events at the same rate, and measures its CPU time, so that a busy moment of the machine falls on all of them. Medians. "A sink" is a
 * bare WebSocket server that ignores everything; "nothing" is a port where nothing listens, so that the client sends nothing.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WebSocketServer } from 'ws';
import { openInspector } from '../dist/adapters/inspector/index.js';
import { spread } from './measure.mjs';

const rounds = Number(process.argv[2] ?? 9);
const app = fileURLToPath(new URL('inspect-app.mjs', import.meta.url));
const nothing = 'ws://127.0.0.1:9/stately';
const sink = new WebSocketServer({ host: '127.0.0.1', port: 0 });
await once(sink, 'listening');
const sinkUrl = `ws://127.0.0.1:${sink.address().port}`;

const inspector = await openInspector({ listen: 'http://127.0.0.1:0' });
const variants = {
  'no inspector': ['none', nothing],
  'Stately’s client, to nothing': ['stately', nothing],
  'Stately’s client, to a sink': ['stately', sinkUrl],
  'Stately’s client, to ixgate': ['stately', inspector.appUrl],
  'createInspector, to ixgate': ['own', inspector.appUrl],
};

const times = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
// The first round fills the caches and does not count.
for (let round = -1; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(variants)) {
    const { stdout } = await promisify(execFile)(process.execPath, [app, ...args]);
    if (round >= 0) times[name].push(Number(stdout));
  }
}

await inspector.close();
sink.close();

const medians = Object.fromEntries(
  Object.entries(times).map(([name, all]) => [name, spread(all, 0)]),
);
const [none, unconnected, bare, stately, own] = Object.values(medians).map(({ median }) => median);
console.log(
  `Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds: 10,000 events, 2,000 a second`,
);
for (const [name, { median, from, to }] of Object.entries(medians)) {
  console.log(`${name.padEnd(32)} ${String(median).padStart(6)} ms CPU (${from} to ${to})`);
}
const ratio = (one, other) => (one / other).toFixed(2);
console.log(`Stately’s client, to ixgate / to a sink: ${ratio(stately, bare)}`);
console.log(`Stately’s client, to ixgate / to nothing: ${ratio(stately, unconnected)}`);
console.log(
  `added by createInspector / added by Stately’s client: ${ratio(own - none, stately - none)}`,
);
