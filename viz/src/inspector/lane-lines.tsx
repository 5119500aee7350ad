/** The lines of the ladder and their names. */
import type { CSSProperties, ReactNode } from 'react';
import type { InspectedApp } from '../../../machines/engine/inspection/app.js';
import type { Lanes } from './model/lanes.js';
import { actorName, outside } from './model/names.js';

interface LanesProps {
  readonly lanes: Lanes;
}

/** The number of lines: that of the outside, of the actors, and of the others. */
export function laneCount({ sessions, hasOthers }: Lanes): number {
  return 1 + sessions.length + (hasOthers ? 1 : 0);
}

/** The middle of a line, in percent of the width. */
export function middleOf(place: number, lanes: Lanes): number {
  return ((Math.min(place, laneCount(lanes) - 1) + 0.5) * 100) / laneCount(lanes);
}

export function LaneHeads({ app, lanes }: LanesProps & { readonly app: InspectedApp }): ReactNode {
  const names = [
    outside,
    ...lanes.sessions.map((session) => actorName(app, session)),
    ...(lanes.hasOthers ? ['others'] : []),
  ];
  return (
    <div className="ladder-heads" aria-hidden="true">
      <span>event</span>
      <span>time</span>
      <span className="ladder-lanes heads" style={columns(lanes)}>
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the name belongs to the place.
          <bdi key={index} title={name}>
            {name}
          </bdi>
        ))}
      </span>
      <span>state of the target</span>
    </div>
  );
}

export function LaneLines({ lanes }: LanesProps): ReactNode {
  return (
    <div className="ladder-columns" aria-hidden="true">
      <span className="ladder-lanes lines" style={columns(lanes)}>
        {Array.from({ length: laneCount(lanes) }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
          <i key={place} />
        ))}
      </span>
    </div>
  );
}

function columns(lanes: Lanes): CSSProperties {
  return { gridTemplateColumns: `repeat(${laneCount(lanes)}, minmax(0, 1fr))` };
}
