/** An edge: its line and its clickable label. Edges that share a loop have separate labels. */
import type { KeyboardEvent, ReactNode } from 'react';
import type { EdgeStatus } from '../../../machines/engine/learning/overlay.js';
import type { PlacedEdge } from '../../layout/chart-layout.js';
import { drawnText, markWidth } from '../../layout/measure.js';
import { Count, Steps } from './badges.js';

export interface EdgeMarks {
  readonly edge: PlacedEdge;
  /** How often it was taken; null when unknown. */
  readonly count: number | null;
  /** False when it may have been taken more often. */
  readonly isCountComplete: boolean;
  /** True for a coverage: edges that were never taken are highlighted. */
  readonly coverage: boolean;
  /** In a drawing of two machines. */
  readonly status: EdgeStatus | undefined;
  readonly taken: boolean;
  readonly selected: boolean;
  /** Its positions in the path; empty when it is not on the path. */
  readonly numbers: readonly number[];
}

function classes(
  base: string,
  { edge, count, coverage, status, taken, selected, numbers }: EdgeMarks,
): string {
  return [
    base,
    edge.kind,
    count === 0 && 'never',
    coverage && count !== null && (count > 0 ? 'covered' : 'uncovered'),
    status,
    taken && 'taken',
    selected && 'selected',
    numbers.length > 0 && 'on-path',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Drawing order: marked lines are drawn over others. */
export function weight({ taken, selected, numbers, count, status }: EdgeMarks): number {
  if (selected) return 4;
  if (status === 'different') return 3;
  return taken ? 3 : numbers.length > 0 ? 2 : count || status === 'missing' ? 1 : 0;
}

export function EdgeLine(marks: EdgeMarks): ReactNode {
  const { edge, numbers } = marks;
  return (
    <g className={classes('chart-edge', marks)} data-line={edge.id}>
      {numbers.length > 0 && <path className="chart-band" d={edge.path} />}
      <path className="chart-line" d={edge.path} />
      <path className="chart-head" d={edge.head} />
    </g>
  );
}

export interface EdgeLabelProps extends EdgeMarks {
  /** Names of source and target, for screen readers. */
  readonly from: string;
  readonly to: string;
  /** Without it the label is not a button. */
  readonly onSelect?: ((edge: string) => void) | undefined;
}

export function EdgeLabel({ from, to, onSelect, ...marks }: EdgeLabelProps): ReactNode {
  const { edge, selected } = marks;
  const { x, y, width, height } = edge.labelBox;
  const timer = edge.kind === 'timer';
  const mark = markWidth(edge.mark);
  const button = onSelect && {
    role: 'button',
    tabIndex: 0,
    'aria-label': edgeWords(marks, from, to),
    'aria-pressed': selected,
    onClick: () => onSelect(edge.id),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      onSelect(edge.id);
    },
  };
  return (
    <g className={classes('chart-label', marks)} data-edge={edge.id} {...button}>
      <rect className="chart-pill" x={x} y={y} width={width} height={height} rx={4} aria-hidden>
        <title>{edge.description}</title>
      </rect>
      {timer && <Clock x={x + 10} y={y + height / 2} />}
      <text
        className="chart-event"
        x={x + (width - mark) / 2 + (timer ? 6.5 : 0)}
        y={y + 13}
        textAnchor="middle"
      >
        {drawnText(edge.label)}
      </text>
      {mark > 0 && (
        <>
          {/* Otherwise both texts would be one word. */}{' '}
          <path className="chart-mark-line" d={`M${x + width - mark},${y}v${height}`} />
          <text className="chart-mark" x={x + width - mark / 2} y={y + 12.5} textAnchor="middle">
            {edge.mark}
          </text>
        </>
      )}
    </g>
  );
}

const statusWords: Readonly<Record<EdgeStatus, string>> = {
  agrees: 'agrees',
  missing: 'missing',
  different: 'different',
  unseen: 'not observed',
};

/** `awaiting, RequestRegisterClient to validating, taken 3 times, step 2: The client asks to register.` */
function edgeWords(marks: EdgeMarks, from: string, to: string): string {
  const { edge, count, isCountComplete, numbers, status } = marks;
  const times = count === 1 ? 'once' : `${count} times`;
  const taken = isCountComplete ? `taken ${times}` : `taken at least ${times}`;
  const parts = [
    from,
    [edge.label, edge.mark, edge.stays ? 'stays' : `to ${to}`].filter(Boolean).join(' '),
    ...(status === undefined ? [] : [statusWords[status]]),
    ...(count === null ? [] : [count === 0 ? 'never taken' : taken]),
    ...(count === null && !isCountComplete ? ['may have been taken'] : []),
    ...(numbers.length === 0 ? [] : [`step ${numbers.join(' and ')}`]),
  ];
  return parts.join(', ') + (edge.description ? `: ${edge.description}` : '');
}

/** The count and the positions in the path, at the corners of a label. Hidden from screen readers, because the label's name has both. */
export function EdgeBadges({
  edge,
  count,
  isCountComplete,
  coverage,
  numbers,
}: EdgeMarks): ReactNode {
  const { x, y, width } = edge.labelBox;
  return (
    <g className="chart-badges" data-badges={edge.id} aria-hidden>
      {count !== null && (count > 0 || coverage) && (
        <Count right={x + width + 5} y={y - 1} count={count} isAtLeast={!isCountComplete} />
      )}
      {numbers.length > 0 && <Steps left={x - 6} y={y - 1} words={numbers.join(', ')} />}
    </g>
  );
}

function Clock({ x, y }: { x: number; y: number }): ReactNode {
  return (
    <g className="chart-clock">
      <circle cx={x} cy={y} r={4.5} />
      <path d={`M${x},${y - 2.6}V${y}H${x + 2.2}`} />
    </g>
  );
}
