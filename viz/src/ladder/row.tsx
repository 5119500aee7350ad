import { type CSSProperties, memo, type ReactNode } from 'react';
import { duration } from '../../../machines/index.js';
import { localTime, utcTime } from '../parts/times.js';
import type { BesideArrow } from './beside.js';
import { Contents } from './contents.js';
import { Arrow, Note } from './drawing.js';
import type { BracketPart, GapRow, StepRow } from './ladder-row.js';
import { Marked } from './marked.js';
import type { Pair } from './pairing.js';
import type { Joint } from './places.js';
import { clockTime, stepLabel } from './words.js';

export interface StepRowProps {
  readonly row: StepRow;
  readonly pair: Pair | undefined;
  readonly joint: Joint;
  readonly find: string;
  /** What is looked for stands in the contents only. */
  readonly hidden: boolean;
  readonly atCursor: boolean;
  readonly selected: boolean;
  readonly open: boolean;
  readonly arriving: boolean;
  /** What stands beside it; undefined where no figure is shown, null where the figure has nothing here. */
  readonly beside: BesideArrow | 'runs' | null | undefined;
  onClick(seq: number): void;
  onHover(seq: number | null): void;
}

/** One step: its times, its arrow with the notes around it, and where the chart went. */
export const LadderStep = memo(function LadderStep(props: StepRowProps): ReactNode {
  const { row, pair, joint, find, atCursor, selected, open, arriving, beside } = props;
  const { step, arrow } = row;
  const { seq } = step;
  const lit = joint === 'begins' || joint === 'ends';
  const contents = `ladder-contents-${seq}`;
  const classes = [
    'ladder-step',
    atCursor && 'at-cursor',
    selected && 'selected',
    lit && 'lit',
    arriving && 'arriving',
    row.unexpected && 'unexpected',
    step.name === 'EventError' && 'error',
  ];
  return (
    <>
      <button
        type="button"
        className={classes.filter(Boolean).join(' ')}
        data-seq={seq}
        style={notesAbove(row.before)}
        tabIndex={atCursor ? 0 : -1}
        aria-expanded={open}
        aria-controls={open ? contents : undefined}
        aria-current={atCursor ? 'step' : undefined}
        onClick={() => props.onClick(seq)}
        onPointerEnter={() => props.onHover(seq)}
        onPointerLeave={() => props.onHover(null)}
      >
        <span className="ladder-heard">{labelOf(props)}</span>
        <span
          aria-hidden="true"
          className="ladder-time"
          title={`${localTime(step.at)}; ${utcTime(step.at)}`}
        >
          {clockTime(step.elapsed)}
        </span>
        <span aria-hidden="true" className="ladder-since">
          {row.since !== null && `+${clockTime(row.since)}`}
        </span>
        <span
          aria-hidden="true"
          className={`ladder-lane ${step.to === 'disconnected' ? 'last' : ''}`}
        >
          {row.before.map((note) => (
            <Note key={note} tone="expired">
              {note}
            </Note>
          ))}
          {arrow ? (
            <Arrow arrow={arrow} below={<Below row={row} pair={pair} lit={lit} find={find} />}>
              <Marked text={row.label} find={find} />
              {props.hidden && <mark className="inside">in contents</mark>}
            </Arrow>
          ) : (
            <Note tone="odd">{row.label}</Note>
          )}
          {row.after.map((note) => (
            <Note key={note}>{note}</Note>
          ))}
        </span>
        <span aria-hidden="true" className="ladder-marks">
          <Brackets parts={row.brackets} />
          {joint && <span className={`ladder-joint ${joint}`} />}
        </span>
        {beside === undefined ? (
          <span aria-hidden="true" className="ladder-state">
            {step.from === step.to ? '' : step.to}
          </span>
        ) : (
          <BesideLane beside={beside} />
        )}
      </button>
      {open && <Contents id={contents} step={step} find={find} />}
    </>
  );
});

/** The arrow's line stands lower by the notes above it; the lifelines, brackets and times must know. */
function notesAbove({ length }: readonly string[]): CSSProperties {
  return { '--notes': length } as CSSProperties;
}

function labelOf({ row, pair, beside }: StepRowProps): string {
  const label = stepLabel(row, pair);
  if (!beside || beside === 'runs' || beside.verdict === 'not-reached') return label;
  return `${label}, ${beside.verdict === 'ok' ? 'as the figure' : 'differs from the figure'}`;
}

/** Under the line: what was said at a glance, how long the answer took, what is not in order. */
function Below({
  row,
  pair,
  lit,
  find,
}: Pick<StepRowProps, 'row' | 'pair' | 'find'> & { readonly lit: boolean }): ReactNode {
  const answers = pair?.answer === row.step.seq;
  const detail = row.reason ?? row.detail;
  if (!detail && !row.flag && row.remarks.length === 0 && !(answers && lit)) return null;
  return (
    <>
      {detail && (
        <span className="ladder-detail">
          <Marked text={detail} find={find} />
        </span>
      )}
      {answers && lit && <span className="ladder-answered">after {duration(pair.after)}</span>}
      {row.flag && <span className="ladder-flag">{row.flag}</span>}
      {row.remarks.map((remark) => (
        <span key={remark} className="ladder-remark">
          <Marked text={remark} find={find} />
        </span>
      ))}
    </>
  );
}

export function Brackets({ parts }: { readonly parts: readonly BracketPart[] }): ReactNode {
  return parts.map(({ kind, begins, ends }) => (
    <span
      key={kind}
      className={`ladder-bracket ${kind} ${begins ? 'begins' : ''} ${ends ? 'ends' : ''}`}
    />
  ));
}

/** The figure's arrow at this row. */
export function BesideLane({
  beside,
}: {
  readonly beside: BesideArrow | 'runs' | null;
}): ReactNode {
  if (beside === null) return <span aria-hidden="true" className="ladder-beside" />;
  if (beside === 'runs') return <span aria-hidden="true" className="ladder-beside ladder-lane" />;
  const { arrow, verdict, notes } = beside;
  const last = arrow.kind === 'disconnect' ? 'last' : '';
  return (
    <span className={`ladder-beside ladder-lane ${verdict} ${last}`} style={notesAbove(notes)}>
      {notes.map((note) => (
        <Note key={note}>{note}</Note>
      ))}
      <Arrow arrow={arrow} below={verdict === 'differs' ? 'differs here' : undefined}>
        {arrow.label}
      </Arrow>
    </span>
  );
}

/** Steps that are not held: both lifelines are broken. */
export function LadderGap({
  row,
  beside,
}: {
  readonly row: GapRow;
  readonly beside: 'runs' | null | undefined;
}): ReactNode {
  return (
    <div className="ladder-gap">
      <span className="ladder-time" />
      <span className="ladder-since" />
      <span className="ladder-lane">
        <span className="ladder-gap-words">{row.words}</span>
      </span>
      <span className="ladder-marks">
        <Brackets parts={row.brackets} />
      </span>
      {beside === undefined ? <span /> : <BesideLane beside={beside} />}
    </div>
  );
}
