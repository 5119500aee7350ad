import type { ConformProgress } from '../tester/index.js';
import { type Progress, progressOf } from './progress.js';

const counted = {
  measuring: 'timeouts measured',
  playing: 'cases',
  shrinking: 'differences made short',
} as const;

/** How far a run is: a bar for each of its parts. */
export function conformProgress() {
  let phase: ConformProgress['phase'] | null = null;
  let bar: Progress | null = null;
  return {
    at({ phase: now, done, total }: ConformProgress): void {
      if (now !== phase) {
        bar?.end();
        phase = now;
        bar = progressOf(counted[now]);
      }
      bar?.at(done, total);
    },
    end(): void {
      bar?.end();
    },
  };
}
