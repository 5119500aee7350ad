/** A state: a rounded box with its name. A compound state has a header, a region has no frame. */
import type { ReactNode } from 'react';
import type { EdgeStatus } from '../../../machines/engine/learning/overlay.js';
import type { PlacedState } from '../../layout/chart-layout.js';
import { drawnText, headerHeight } from '../../layout/measure.js';
import { Count } from './badges.js';

export interface StateBoxProps {
  readonly state: PlacedState;
  readonly active: boolean;
  /** For a coverage: how often it was visited; otherwise null. Only innermost states are marked. */
  readonly visits?: number | null;
  /** In a drawing of two machines. */
  readonly status?: EdgeStatus | undefined;
  /** Ring and time left; null when no deadline runs. */
  readonly countdown: ReactNode;
}

const corner = 6;

export function StateBox(props: StateBoxProps): ReactNode {
  const { state, active, visits = null, status, countdown } = props;
  const { x, y, width, height, type, region, initial } = state;
  const leaf = type === 'atomic' || type === 'final';
  const kind = region ? 'region' : leaf ? 'leaf' : 'compound';
  const visited = leaf ? visits : null;
  const box = { x, y, width, height, rx: corner };
  return (
    <g
      className={[
        'chart-state',
        kind,
        type === 'parallel' && type,
        active && 'active',
        status,
        visited !== null && (visited > 0 ? 'covered' : 'uncovered'),
      ]
        .filter(Boolean)
        .join(' ')}
      data-state={state.id}
      data-active={active}
    >
      <title>{titleOf(state, visited)}</title>
      {region ? (
        <rect className="chart-region" {...box} />
      ) : (
        <rect className="chart-box" {...box} />
      )}
      {type === 'final' && (
        <rect
          className="chart-inner"
          x={x + 3}
          y={y + 3}
          width={width - 6}
          height={height - 6}
          rx={corner - 2}
        />
      )}
      {initial && <InitialMark {...initial} box={y} />}
      {leaf ? (
        <text
          className="chart-name"
          x={x + width / 2}
          y={countdown ? y + 19 : y + height / 2 + 4.5}
          textAnchor="middle"
        >
          {drawnText(state.key)}
        </text>
      ) : (
        <text className="chart-name" x={x + 10} y={y + headerHeight - 6}>
          {drawnText(state.key)}
        </text>
      )}
      {countdown}
      {visited !== null && <Count right={x + width + 5} y={y} count={visited} />}
    </g>
  );
}

/** `awaiting, visited 3 times: The server waits for RequestRegisterClient.` */
function titleOf({ key, description }: PlacedState, visits: number | null): string {
  const times = visits === 1 ? 'visited once' : `visited ${visits} times`;
  const visited = visits === null ? '' : `, ${visits === 0 ? 'never visited' : times}`;
  return `${key}${visited}${description ? `: ${description}` : ''}`;
}

/** The dot and arrow of the initial state. */
function InitialMark({ x, y, box }: { x: number; y: number; box: number }): ReactNode {
  return (
    <g className="chart-initial">
      <circle cx={x} cy={y} r={3.2} />
      <path className="chart-initial-line" d={`M${x},${y}V${box - 3}`} />
      <path d={`M${x},${box}l-2.6,-4.6h5.2z`} />
    </g>
  );
}
