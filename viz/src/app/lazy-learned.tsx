/** The parts of a learned machine, loaded on request only. A report, which is a single file, does not contain them. */
import { lazy, type ReactNode, Suspense } from 'react';

const Panel =
  import.meta.env.MODE === 'report'
    ? null
    : lazy(async () => ({ default: (await import('../learned/index.js')).LearnedPanel }));

const Stage =
  import.meta.env.MODE === 'report'
    ? null
    : lazy(async () => ({ default: (await import('../learned/index.js')).LearnedStage }));

export function LearnedPanel(): ReactNode {
  return <Suspense>{Panel && <Panel />}</Suspense>;
}

export function LearnedStage({ onOpen }: { onOpen(): void }): ReactNode {
  return (
    <Suspense fallback={<p className="page-stage loading">Loading</p>}>
      {Stage && <Stage onOpen={onOpen} />}
    </Suspense>
  );
}
