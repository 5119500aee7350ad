// What every server of the bench says of itself: its port when it listens, and its memory when it is asked (a line on stdin).
import { createInterface } from 'node:readline';

export function tell(port) {
  console.log(JSON.stringify({ port }));
  createInterface({ input: process.stdin })
    .on('line', async () => {
      for (let time = 0; time < 3; time += 1) {
        globalThis.gc?.();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
      console.log(JSON.stringify({ heapUsed, external, arrayBuffers, rss }));
    })
    .on('close', () => process.exit());
}
