// What every server of the bench says of itself: its port when it listens, and its memory when it is asked (a line on stdin).
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param more what else whoever started it has to know. */
export function tell(port, more = {}) {
  console.log(JSON.stringify({ port, ...more }));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async () => {
    // What is freed by one collection can free more at the next.
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
    const { heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ heap: heapUsed + external }));
  });
  // Nobody is left to measure it.
  lines.once('close', () => process.kill(process.pid, 'SIGTERM'));
}
