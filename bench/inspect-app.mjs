// An app for bench/inspect.mjs: node bench/inspect-app.mjs none|stately|own URL. Prints the milliseconds of CPU time of its events.
import { setTimeout as pause } from 'node:timers/promises';
import { createWebSocketInspector } from '@statelyai/inspect';
import { assign, createActor, createMachine } from 'xstate';
import { createInspector } from '../dist/adapters/inspector/client/index.js';

const [kind, url] = process.argv.slice(2);
const make = {
  none: () => ({}),
  stately: () => createWebSocketInspector({ url, serializationDepthLimit: 100 }),
  own: () => createInspector({ url }),
}[kind];
const { inspect } = make();

/** A machine of usual size: twelve states, and a context of about 1 kB. */
const states = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [
    `s${index}`,
    {
      on: {
        NEXT: {
          target: `s${(index + 1) % 12}`,
          actions: assign({ count: ({ context }) => context.count + 1 }),
        },
      },
    },
  ]),
);
const rows = Array.from({ length: 10 }, (_, id) => ({
  id,
  name: `row ${id}`,
  text: 'x'.repeat(70),
}));
const machine = createMachine({ id: 'app', context: { count: 0, rows }, initial: 's0', states });
const actor = createActor(machine, inspect && { inspect }).start();
// The connection and the first compilation do not count.
await pause(300);
const start = process.cpuUsage();
for (let sent = 0; sent < 10_000; sent += 20) {
  for (let count = 0; count < 20; count += 1) actor.send({ type: 'NEXT' });
  await pause(10);
}
// What waits is sent.
await pause(300);
const { user, system } = process.cpuUsage(start);
process.stdout.write(String((user + system) / 1_000), () => process.exit(0));
