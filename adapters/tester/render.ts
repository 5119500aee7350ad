/** Figures and runs as text for a terminal. */
import {
  type ComparedArrow,
  describeArrow,
  describeObserved,
  type Figure,
  type FigureArrow,
  type FigureNote,
  type FigureRun,
  lifelines,
  visible,
} from '../../machines/index.js';

/** Colours, e.g. picocolors' `createColors(enabled)`. Without them nothing but text is written. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

const plain = (text: string) => text;
const noPaint: Paint = { bold: plain, dim: plain, green: plain, red: plain };

/** Columns between the two lifelines. */
const width = 40;
const margin = '  ';

/** A figure as it is documented: title, source, two lifelines with their arrows, and what is this project's reading. */
export function renderFigure(figure: Figure, paint: Paint = noPaint): string {
  const lines = [
    paint.bold(`Figure ${figure.id}  ${figure.title}`),
    paint.dim(figure.source),
    '',
    ...heads(),
    ...figure.steps.flatMap((step) => drawn(step)),
    lifeline(),
    '',
    'Not on the page, this project’s reading:',
    ...figure.readings.map((reading) => `${margin}- ${reading}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** A run: the figure with a mark and a time at each arrow, and on a difference what was expected and what came. */
export function renderRun(run: FigureRun, paint: Paint = noPaint): string {
  const { figure, target, passed, elapsed, arrows } = run;
  const verdict = passed ? paint.green('passed') : paint.red('DIFFERS');
  const byArrow = new Map(arrows.map((compared, index) => [compared.arrow, index]));
  const lines = [
    `${paint.bold(`Figure ${figure.id}  ${figure.title}`)}`,
    `${margin}against ${visible(target)}: ${verdict} after ${runTime(elapsed)}`,
    '',
    ...heads(),
    ...figure.steps.flatMap((step) => {
      if (step.kind === 'note') return drawn(step);
      const compared = arrows[byArrow.get(step) ?? -1];
      return drawn(step, compared && mark(compared, paint));
    }),
    ...ending(run),
    '',
    ...diagnosis(run, paint),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function heads(): string[] {
  const [left, right] = lifelines;
  const gap = width + margin.length + 1 - left.length + Math.ceil(right.length / 2);
  return [`${margin}${left}${right.padStart(gap)}`, lifeline()];
}

function lifeline(text = ''): string {
  return `${margin}  |${text.padEnd(width)}|`;
}

/** A label on the line above its arrow, on the side of the one who says it. */
function drawn(step: FigureArrow | FigureNote, marked = ''): string[] {
  if (step.kind === 'note') {
    const text = `~ ${step.label} ~`;
    return [lifeline(), lifeline(text.padStart(Math.floor((width + text.length) / 2)))];
  }
  const label = describe(step);
  const line = '-'.repeat(width - 1);
  const fromLeft = step.from === lifelines[0];
  const arrow = fromLeft ? `${line}>` : `${step.kind === 'disconnect' ? 'X' : '<'}${line}`;
  return [
    lifeline(fromLeft ? ` ${label}` : `${label} `.padStart(width)),
    `${lifeline(arrow)}${marked && `  ${marked}`}`,
  ];
}

function describe(arrow: FigureArrow): string {
  return arrow.kind === 'message' ? describeArrow(arrow) : arrow.label;
}

function mark({ verdict, seen }: ComparedArrow, paint: Paint): string {
  if (verdict === 'not-reached') return paint.dim('not reached');
  const at = seen ? ` ${runTime(seen.at).padStart(9)}` : '';
  return verdict === 'ok' ? `${paint.green('ok     ')}${at}` : `${paint.red('DIFFERS')}${at}`;
}

/** What a figure without a disconnect ends with: how long it was seen to stay open. */
function ending({ watchedOpen, difference }: FigureRun): string[] {
  if (watchedOpen === null || difference) return [lifeline()];
  return [lifeline(), lifeline(` still open after ${runTime(watchedOpen)}`)];
}

function diagnosis(run: FigureRun, paint: Paint): string[] {
  const { difference, timeout, figure } = run;
  const measured =
    timeout === null
      ? []
      : [
          `${margin}The timeout was ${runTime(timeout)}, from the first EventError to the disconnect.`,
        ];
  if (!difference) return measured;
  const after = difference.index >= run.arrows.length ? ' (after the last arrow)' : '';
  return [
    `${margin}${paint.red(visible(difference.sentence))}`,
    `${margin}expected  ${visible(difference.expected)}${after}`,
    `${margin}came      ${visible(difference.came)}`,
    ...lateness(run),
    ...(figure.steps.length === run.seen.length ? measured : []),
  ];
}

/** What still came after the difference, where something did. */
function lateness({ seen, difference }: FigureRun): string[] {
  const late = difference ? seen.slice(difference.index + 1) : [];
  return late.map((arrow) => `${margin}then      ${visible(describeObserved(arrow))}`);
}

function runTime(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 600_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
