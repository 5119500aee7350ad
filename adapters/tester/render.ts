/** Figures and runs as text for a terminal. */
import type { ComparedArrow } from '../../machines/registration/figures/comparison.js';
import type {
  Figure,
  FigureArrow,
  FigureNote,
} from '../../machines/registration/figures/figures.js';
import { describeArrow, describeObserved } from '../../machines/registration/figures/observed.js';
import type { FigureRun } from '../../machines/registration/figures/play.js';
import { visible } from '../../machines/text/format.js';
import { Lifelines, margin, timeOf } from './ladder.js';
import { noPaint, type Paint } from './paint.js';

const lines = new Lifelines();

/** A documented figure: title, source, two lifelines with their arrows, and this project's interpretation. */
export function renderFigure(figure: Figure, paint: Paint = noPaint): string {
  const text = [
    paint.bold(`Figure ${figure.id}  ${figure.title}`),
    paint.dim(figure.source),
    '',
    ...lines.heads(),
    ...figure.steps.flatMap((step) => drawn(step)),
    lines.line(),
    '',
    'Not in the Genesys document:',
    ...figure.readings.map((reading) => `${margin}- ${reading}`),
  ];
  return `${text.join('\n')}\n`;
}

/** A run: the figure with a verdict and a time at each arrow, and a difference with the expected and the observed arrow. */
export function renderRun(run: FigureRun, paint: Paint = noPaint): string {
  const { figure, target, passed, elapsed, arrows } = run;
  const verdict = passed ? paint.green('pass') : paint.red('FAIL');
  const byArrow = new Map(arrows.map((compared, index) => [compared.arrow, index]));
  const text = [
    `${paint.bold(`Figure ${figure.id}  ${figure.title}`)}`,
    `${margin}against ${visible(target)}: ${verdict} after ${timeOf(elapsed)}`,
    '',
    ...lines.heads(),
    ...figure.steps.flatMap((step) => {
      if (step.kind === 'note') return drawn(step);
      const compared = arrows[byArrow.get(step) ?? -1];
      return drawn(step, compared && mark(compared, paint));
    }),
    ...ending(run),
    '',
    ...diagnosis(run, paint),
  ];
  return `${text.join('\n').trimEnd()}\n`;
}

function drawn(step: FigureArrow | FigureNote, marked = ''): string[] {
  if (step.kind === 'note') return lines.note(step.label);
  return lines.arrow(step.from, describe(step), step.kind === 'disconnect', marked);
}

function describe(arrow: FigureArrow): string {
  return arrow.kind === 'message' ? describeArrow(arrow) : arrow.label;
}

function mark({ verdict, seen }: ComparedArrow, paint: Paint): string {
  if (verdict === 'not-reached') return paint.dim('not reached');
  const at = seen ? ` ${timeOf(seen.at).padStart(9)}` : '';
  return verdict === 'ok' ? `${paint.green('pass')}${at}` : `${paint.red('FAIL')}${at}`;
}

/** The end of a figure without a disconnect: how long the connection was observed to stay open. */
function ending({ watchedOpen, difference }: FigureRun): string[] {
  if (watchedOpen === null || difference) return [lines.line()];
  return [lines.line(), lines.line(` still open after ${timeOf(watchedOpen)}`)];
}

function diagnosis(run: FigureRun, paint: Paint): string[] {
  const { difference, timeout, figure } = run;
  const measured =
    timeout === null
      ? []
      : [
          `${margin}The timeout was ${timeOf(timeout)}, from the first EventError to the disconnect.`,
        ];
  if (!difference) return measured;
  const after = difference.index >= run.arrows.length ? ' (after the last arrow)' : '';
  return [
    `${margin}${paint.red(visible(difference.sentence))}`,
    `${margin}expected  ${visible(difference.expected)}${after}`,
    `${margin}came      ${visible(difference.came)}`,
    ...afterwards(run),
    ...(figure.steps.length === run.seen.length ? measured : []),
  ];
}

/** The arrows after the difference. */
function afterwards({ seen, difference }: FigureRun): string[] {
  const late = difference ? seen.slice(difference.index + 1) : [];
  return late.map((arrow) => `${margin}then      ${visible(describeObserved(arrow))}`);
}
