/** A session's ladder as a picture that stands alone: no script, no style sheet, no font from elsewhere. */
import { lifelines, verdictSentence } from '../../../machines/index.js';
import type { SessionView } from '../contracts.js';
import { xmlText } from '../visible.js';
import { type LadderRow, ladderOf, type StepRow } from './rows.js';
import { clockTime } from './words.js';

const width = 860;
const clientX = 290;
const serverX = 660;
const middle = (clientX + serverX) / 2;
const noteHeight = 30;
const arrowHeight = 40;

const colours = {
  paper: '#ffffff',
  ink: '#1b1f24',
  soft: '#57606a',
  line: '#8c959f',
  note: '#fff8e1',
  noteLine: '#c9a227',
  bad: '#b3261e',
  deadline: '#b07c00',
} as const;

const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const sans = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';

/** The whole session as SVG text. Whatever a client said is text in it. */
export function ladderSvg(view: SessionView): string {
  const { rows, open } = ladderOf(view);
  const body: string[] = [];
  const verdict = wrapped(verdictSentence(view.summary), 120);
  const head = 74 + 18 * verdict.length;
  let y = head;
  let lifelineEnd = y;
  for (const row of rows) {
    const drawn = row.type === 'gap' ? drawGap(row, y) : drawStep(row, y);
    body.push(...drawn.marks);
    lifelineEnd = drawn.lifelineEnd;
    y = drawn.y;
  }
  const height = y + 24;
  const end = open || rows.length === 0 ? height - 8 : lifelineEnd;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${mono}" font-size="12" role="img">`,
    `<title>${xmlText(`Session ${view.summary.session}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`,
    text(16, 22, `Session ${view.summary.session}`, { size: 13, weight: 600, family: sans }),
    ...verdict.map((line, index) =>
      text(16, 40 + 18 * index, line, { fill: colours.soft, family: sans }),
    ),
    text(96, head - 14, 'time', { fill: colours.soft, anchor: 'end', family: sans }),
    text(172, head - 14, 'step', { fill: colours.soft, anchor: 'end', family: sans }),
    ...[clientX, serverX].flatMap((x, index) => [
      `<path d="M${x} ${head - 10}V${end}" stroke="${colours.line}" fill="none"/>`,
      `<rect x="${x - 68}" y="${head - 34}" width="136" height="24" fill="${colours.paper}" stroke="${colours.ink}"/>`,
      text(x, head - 18, lifelines[index] ?? '', { anchor: 'middle', weight: 600, family: sans }),
    ]),
    ...body,
    '</svg>',
  ].join('\n')}\n`;
}

interface Drawn {
  readonly marks: string[];
  readonly y: number;
  readonly lifelineEnd: number;
}

function drawGap(row: Extract<LadderRow, { type: 'gap' }>, y: number): Drawn {
  const marks = [
    `<rect x="${clientX - 6}" y="${y + 6}" width="${serverX - clientX + 12}" height="24" fill="${colours.paper}"/>`,
    `<path d="M${clientX} ${y + 4}v28M${serverX} ${y + 4}v28" stroke="${colours.line}" stroke-dasharray="2 4"/>`,
    text(middle, y + 22, row.words, { anchor: 'middle', fill: colours.soft, family: sans }),
  ];
  return { marks, y: y + 36, lifelineEnd: y + 36 };
}

function drawStep(row: StepRow, top: number): Drawn {
  const marks: string[] = [];
  let y = top;
  for (const note of row.before) {
    marks.push(...drawNote(note, y));
    y += noteHeight;
  }
  const line = y + arrowHeight - 10;
  marks.push(
    text(96, line + 4, clockTime(row.step.elapsed), { anchor: 'end' }),
    row.since === null
      ? ''
      : text(172, line + 4, `+${clockTime(row.since)}`, { anchor: 'end', fill: colours.soft }),
    ...drawArrow(row, line),
  );
  y += arrowHeight;
  for (const words of [row.reason ?? row.detail ?? [], row.remarks].flat()) {
    marks.push(
      text(middle, y + 4, shortened(words, 100), {
        anchor: 'middle',
        fill: colours.soft,
        family: sans,
      }),
    );
    y += 18;
  }
  for (const note of row.after) {
    marks.push(...drawNote(note, y));
    y += noteHeight;
  }
  for (const bracket of row.brackets) {
    const from = bracket.begins ? line : top;
    const to = bracket.ends ? line : y;
    const caps = `${bracket.begins ? `M${serverX + 10} ${from}h8` : ''}${bracket.ends ? `M${serverX + 10} ${to}h8` : ''}`;
    marks.push(
      `<path d="M${serverX + 18} ${from}V${to}${caps}" stroke="${colours.deadline}" stroke-width="2" fill="none"/>`,
    );
  }
  return { marks: marks.filter(Boolean), y, lifelineEnd: line };
}

function drawArrow({ arrow, label, flag }: StepRow, y: number): string[] {
  if (!arrow) return [text(middle, y + 4, label, { anchor: 'middle', fill: colours.soft })];
  const right = arrow.to === 'Interaction Server';
  const [from, to] = right ? [clientX, serverX] : [serverX, clientX];
  const back = right ? -1 : 1;
  const ends = arrow.kind === 'disconnect';
  const stroke = ends ? colours.bad : colours.ink;
  const cross = (x: number) =>
    `<path d="M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10" stroke="${stroke}" stroke-width="1.5"/>`;
  const tip =
    arrow.from === null
      ? cross(middle)
      : ends
        ? cross(to + back * 8)
        : `<path d="M${to} ${y}l${back * 9} -4.5v9z" fill="${stroke}"/>`;
  const words = shortened(label) + (flag ? `  (${flag})` : '');
  return [
    `<path d="M${from} ${y}H${to}" stroke="${stroke}" stroke-width="1.25"${ends ? ' stroke-dasharray="5 4"' : ''}/>`,
    tip,
    text(middle, y - 6, words, { anchor: 'middle', fill: stroke }),
  ];
}

function drawNote(note: string, y: number): string[] {
  const [left, right] = [clientX - 24, serverX + 4];
  return [
    `<path d="M${left} ${y + 3}H${right - 8}l8 8V${y + 25}H${left}z" fill="${colours.note}" stroke="${colours.noteLine}"/>`,
    text((left + right) / 2, y + 18, note, { anchor: 'middle', family: sans }),
  ];
}

/** A sentence in lines of at most so many characters. */
function wrapped(words: string, length: number): string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = shortened(word, length);
    else if (line.length + word.length < length) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(shortened(word, length));
  }
  return lines;
}

function shortened(words: string, length = 44): string {
  return words.length > length ? `${words.slice(0, length - 1)}…` : words;
}

interface TextStyle {
  readonly anchor?: 'middle' | 'end';
  readonly fill?: string;
  readonly family?: string;
  readonly size?: number;
  readonly weight?: number;
}

function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { anchor, fill = colours.ink, family, size, weight } = style;
  const attributes = [
    `x="${x}" y="${y}" fill="${fill}"`,
    anchor && `text-anchor="${anchor}"`,
    family && `font-family="${family}"`,
    size && `font-size="${size}"`,
    weight && `font-weight="${weight}"`,
  ];
  return `<text ${attributes.filter(Boolean).join(' ')}>${xmlText(words)}</text>`;
}
