/** An interleaving that was found once, told again by the names of what happens in it. */
import type { Scheduler } from 'fast-check';

/**
 * A scheduler that does what it is told, in order, and then whatever has waited longest.
 * @param order the labels; each must be possible when it is its turn.
 */
export function told(...order: readonly string[]): Scheduler {
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
      // What was waiting for it goes on before this is done.
      await Promise.resolve().then(() => {});
    },
  };
  return scheduler as Scheduler;
}
