// CPU time and memory of a process, and statistics of a list of numbers.
import { readdir, readFile } from 'node:fs/promises';

/** CPU time of a process in microseconds, all threads together; null if the system does not report it. */
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

/** Memory of a process in bytes; null if the system does not report it. */
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
