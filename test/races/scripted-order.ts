/** Repeats an interleaving that was found earlier, from the names of its tasks. */
import type { Scheduler } from 'fast-check';

/**
 * A scheduler that runs the given tasks in order, and then whichever has waited longest.
 * @param order the labels; each task must be possible at its turn
 */
export function inOrder(...order: readonly string[]): Scheduler {
  const waiting: { readonly label: string; readonly go: () => void }[] = [];
  const orders = [...order];
  const scheduler: Pick<Scheduler, 'schedule' | 'count' | 'waitNext'> = {
    schedule: <Value>(task: Promise<Value>, label = '') =>
      new Promise<Value>((resolve) => {
        waiting.push({ label, go: () => resolve(task) });
      }),
    count: () => waiting.length,
    async waitNext() {
      const label = orders.shift();
      const index = label === undefined ? 0 : waiting.findIndex((one) => one.label === label);
      const [next] = index < 0 ? [] : waiting.splice(index, 1);
      if (!next) {
        const possible = waiting.map((one) => one.label).join(', ');
        throw new Error(`"${label}" cannot happen now, only: ${possible}`);
      }
      next.go();
      // Code that awaits the task continues before this is done.
      await Promise.resolve().then(() => {});
    },
  };
  return scheduler as Scheduler;
}
