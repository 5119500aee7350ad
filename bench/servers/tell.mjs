// What every server of the bench reports: its port when it listens, and its memory on request (a line on stdin).
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param more further data for the parent process */
export function tell(port, more = {}) {
  console.log(JSON.stringify({ port, ...more }));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async () => {
    // Objects freed by one collection may hold others that only the next can free.
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc?.();
      await sleep(50);
    }
    const { heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ heap: heapUsed + external }));
  });
  // The parent has exited.
  lines.once('close', () => process.kill(process.pid, 'SIGTERM'));
}
