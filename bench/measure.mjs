// What the system says of a process, and what a row of numbers says.
import { readdir, readFile } from 'node:fs/promises';

/** Microseconds that a process has had of the processors, all its threads together; null where the system does not tell. */
export async function cpuOf(pid) {
  try {
    const threads = await readdir(`/proc/${pid}/task`);
    const times = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')),
    );
    return times.reduce((sum, time) => sum + Number(time.split(' ')[0]) / 1_000, 0);
  } catch {
    return null;
  }
}

/** Bytes of memory that a process has; null where the system does not tell. */
export async function memoryOf(pid) {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  } catch {
    return null;
  }
}

/** Median and range. */
export function spread(numbers, digits = 2) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const round = (number) => Number(number.toFixed(digits));
  return {
    median: round(sorted[sorted.length >> 1]),
    from: round(sorted[0]),
    to: round(sorted.at(-1)),
  };
}
