import type { ReactNode } from 'react';
import { duration } from '../../../machines/index.js';
import type { SessionView } from '../state/contracts.js';
import { Brackets } from './row.js';
import type { LadderModel } from './rows.js';
import { clockTime } from './words.js';

/** The session goes on: the lifelines do, and the deadline that runs. */
export function Tail({
  view,
  model,
}: {
  readonly view: SessionView;
  readonly model: LadderModel;
}): ReactNode {
  const running = model.deadlines.at(-1);
  const runs = running?.outcome === 'running' ? running : null;
  // What is not followed any more was open when the gate was last heard of.
  const open = view.lastHeard === undefined ? 'open' : 'open as last known';
  const left = runs && view.now !== undefined ? `, ${duration(runs.at - view.now)} left` : '';
  return (
    <div className="ladder-gap ladder-tail">
      <span className="ladder-time">{view.now !== undefined && clockTime(view.now)}</span>
      <span className="ladder-since" />
      <span className="ladder-lane">
        <span className="ladder-gap-words">
          {runs ? `${open}; the ${runs.kind} deadline runs${left}` : open}
        </span>
      </span>
      <span className="ladder-marks">
        {runs && <Brackets parts={[{ kind: runs.kind, begins: false, ends: false }]} />}
      </span>
    </div>
  );
}
