import { type ReactNode, useMemo } from 'react';
import type { LadderEvent } from '../../../machines/engine/inspection/ladder.js';
import { visible } from '../parts/visible.js';
import { contextAfter } from './model/context.js';
import { type Diff, diffOf } from './model/diff.js';

interface ContextDiffProps {
  readonly event: LadderEvent;
  /** The event before it that the actor has taken; null when it is not held. */
  readonly previous: LadderEvent | null;
}

/** How an event changed the context of its actor. */
export function ContextDiff({ event, previous }: ContextDiffProps): ReactNode {
  const changes = useMemo(() => changesOf(event, previous), [event, previous]);
  return (
    <>
      <h3>Changes of the context</h3>
      {typeof changes === 'string' ? (
        <p className="inspector-hint">{changes}</p>
      ) : (
        <DiffTable {...changes} />
      )}
    </>
  );
}

/** The changes, or why there are none. */
function changesOf(event: LadderEvent, previous: LadderEvent | null): Diff | string {
  const after = contextAfter(event);
  if (after === null) return 'The actor has not taken the event.';
  if (!after.isHeld) return after.why;
  if (previous === null && event.type !== 'xstate.init') {
    return 'The context before this event is not held.';
  }
  const before = contextAfter(previous);
  if (before?.isHeld === false) return 'The context before this event is not held.';
  const diff = diffOf(before?.value, after.value);
  return diff.rows.length === 0 ? 'Nothing changed.' : diff;
}

function DiffTable({ rows, isCut }: Diff): ReactNode {
  return (
    <>
      <ul className="inspector-diff">
        {rows.map(({ path, kind, before, after }) => (
          <li key={`${path} ${kind}`} className={kind}>
            <span className="inspector-path">
              {path === '' ? 'the context' : visible(path, 300)}{' '}
              <span className="inspector-soft">{kind}</span>
            </span>
            {before !== null && <del>{visible(before, 260)}</del>}
            {after !== null && <ins>{visible(after, 260)}</ins>}
          </li>
        ))}
      </ul>
      {isCut && <p className="inspector-hint">There are more changes; these are the first.</p>}
    </>
  );
}
