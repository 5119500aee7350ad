/** A session's ladder as a picture that stands alone: no script, no style sheet, no font from elsewhere. */
import { lifelines, verdictSentence, verdictWords } from '../../../machines/index.js';
import { nameFor } from '../parts/verdict-words.js';
import { xmlText } from '../parts/visible.js';
import type { SessionView } from '../state/contracts.js';
import type { LadderRow, StepRow } from './ladder-row.js';
import { ladderOf } from './rows.js';
import {
  defaultFont,
  type Fitting,
  fitted,
  ink,
  lineHeight,
  type TextStyle,
  textLines,
} from './svg-text.js';
import { arrowName, clockTime, detailWords, remarksOf } from './words.js';

const width = 860;
const margin = 16;
/** Right ends of the columns of times. */
const timeX = 108;
const sinceX = 216;
const clientX = 290;
const serverX = 660;
const middle = (clientX + serverX) / 2;
/** Between the lifelines, without the heads of arrows. */
const laneWidth = serverX - clientX - 28;
const [noteLeft, noteRight] = [clientX - 24, serverX + 4];

/** Characters of one text of a client or a server; what is too long to be drawn is its title. */
const longest = 2_000;

const colours = {
  paper: '#ffffff',
  soft: '#57606a',
  line: '#8c959f',
  note: '#fff8e1',
  noteLine: '#c9a227',
  bad: '#b3261e',
  deadline: '#b07c00',
} as const;

/** The whole session as SVG text, with the client as its title. Whatever a client said is text in it. */
export function ladderSvg(view: SessionView): string {
  const { rows, open } = ladderOf(view);
  const title = titleOf(view);
  const head = title.height + 54;
  const body: string[] = [];
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
  const column = { anchor: 'end', fill: colours.soft } as const;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${defaultFont} role="img">`,
    `<title>${xmlText(title.words)}</title>`,
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`,
    ...title.marks,
    ...text(timeX, head - 14, 'time', { width: 90 }, column),
    ...text(sinceX, head - 14, 'step', { width: 90 }, column),
    ...[clientX, serverX].flatMap((x, index) => [
      `<path d="M${x} ${head - 10}V${end}" stroke="${colours.line}" fill="none"/>`,
      `<rect x="${x - 68}" y="${head - 34}" width="136" height="24" fill="${colours.paper}" stroke="${ink}"/>`,
      ...textLines(
        x,
        head - 18,
        { lines: [lifelines[index] ?? ''], full: null },
        {
          ...centred,
          weight: 600,
        },
      ),
    ]),
    ...body,
    '</svg>',
  ].join('\n')}\n`;
}

/** The client's name, its session, and what became of it. */
function titleOf({ origin, summary }: SessionView): {
  readonly words: string;
  readonly marks: string[];
  readonly height: number;
} {
  const isClient = origin === 'live' || origin === 'recording';
  const name = isClient ? nameFor(summary) : summary.session;
  const session = name === summary.session ? null : `Session ${summary.session}`;
  const marks: string[] = [];
  let y = 24;
  const add = (words: string, fitting: Fitting, fill: string) => {
    const lines = text(margin, y, words, fitting, { fill });
    marks.push(...lines);
    y += lineHeight(fitting.size) * lines.length;
  };
  const room = { width: width - 2 * margin };
  add(name, { ...room, size: 14, weight: 600, lines: 3 }, ink);
  if (session !== null) add(session, { ...room, lines: 2 }, colours.soft);
  add(verdictSentence(summary), { ...room, lines: 10 }, colours.soft);
  const words = [name, session, verdictWords(summary)].filter(Boolean).join(', ');
  return { words, marks, height: y };
}

interface Drawn {
  readonly marks: string[];
  readonly y: number;
  readonly lifelineEnd: number;
}

function drawGap(row: Extract<LadderRow, { type: 'gap' }>, y: number): Drawn {
  const words = text(middle, y + 22, row.words, { width: laneWidth, lines: 3 }, soft);
  const height = 10 + lineHeight() * words.length;
  const marks = [
    `<rect x="${clientX - 6}" y="${y + 6}" width="${serverX - clientX + 12}" height="${height - 4}" fill="${colours.paper}"/>`,
    `<path d="M${clientX} ${y + 4}v${height}M${serverX} ${y + 4}v${height}" stroke="${colours.line}" stroke-dasharray="2 4"/>`,
    ...words,
  ];
  return { marks, y: y + height + 8, lifelineEnd: y + height + 8 };
}

function drawStep(row: StepRow, top: number): Drawn {
  const marks: string[] = [];
  let y = top;
  const note = (words: string) => {
    const drawn = drawNote(words, y);
    marks.push(...drawn.marks);
    y = drawn.y;
  };
  for (const words of row.before) note(words);
  const arrow = drawArrow(row, y + 24);
  const line = arrow.y;
  const time = { width: 100, family: 'mono' } as const;
  const end = { anchor: 'end', family: 'mono' } as const;
  marks.push(...text(timeX, line + 4, clockTime(row.step.elapsed), time, end));
  if (row.since !== null) {
    const since = `+${clockTime(row.since)}`;
    marks.push(...text(sinceX, line + 4, since, time, { ...end, fill: colours.soft }));
  }
  marks.push(...arrow.marks);
  y = line + 10;
  const remarks = remarksOf(row.step, longest);
  const flag = row.flag === null ? [] : [`(${row.flag})`];
  for (const words of [flag, row.reason ?? detailWords(row.step, longest) ?? [], remarks].flat()) {
    const lines = text(middle, y + 8, words, { width: laneWidth, lines: 8 }, soft);
    marks.push(...lines);
    y += lineHeight() * lines.length;
  }
  for (const words of row.after) note(words);
  for (const bracket of row.brackets) {
    const from = bracket.begins ? line : top;
    const to = bracket.ends ? line : y;
    const caps = `${bracket.begins ? `M${serverX + 10} ${from}h8` : ''}${bracket.ends ? `M${serverX + 10} ${to}h8` : ''}`;
    marks.push(
      `<path d="M${serverX + 18} ${from}V${to}${caps}" stroke="${colours.deadline}" stroke-width="2" fill="none"/>`,
    );
  }
  return { marks, y, lifelineEnd: line };
}

/**
 * An arrow with its label above it.
 * @param top base line of the label's first line.
 * @returns also where the arrow is.
 */
function drawArrow({ arrow, step, ...row }: StepRow, top: number): { marks: string[]; y: number } {
  const label = arrow ? arrowName(step, longest) : row.label;
  const ends = arrow?.kind === 'disconnect';
  const stroke = ends ? colours.bad : ink;
  const style = { ...centred, family: 'mono', fill: arrow ? stroke : colours.soft } as const;
  const words = text(middle, top, label, { width: laneWidth, lines: 3, family: 'mono' }, style);
  const y = top + lineHeight() * (words.length - 1) + 6;
  if (!arrow) return { marks: words, y };
  const right = arrow.to === 'Interaction Server';
  const [from, to] = right ? [clientX, serverX] : [serverX, clientX];
  const back = right ? -1 : 1;
  const cross = (x: number) =>
    `<path d="M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10" stroke="${stroke}" stroke-width="1.5"/>`;
  const tip =
    arrow.from === null
      ? cross(middle)
      : ends
        ? cross(to + back * 8)
        : `<path d="M${to} ${y}l${back * 9} -4.5v9z" fill="${stroke}"/>`;
  const path = `<path d="M${from} ${y}H${to}" stroke="${stroke}" stroke-width="1.25"${ends ? ' stroke-dasharray="5 4"' : ''}/>`;
  return { marks: [path, tip, ...words], y };
}

function drawNote(note: string, y: number): { marks: string[]; y: number } {
  const fitting = { width: noteRight - noteLeft - 24, lines: 4 };
  const words = text((noteLeft + noteRight) / 2, y + 18, note, fitting, centred);
  const height = 4 + lineHeight() * words.length;
  const marks = [
    `<path d="M${noteLeft} ${y + 3}H${noteRight - 8}l8 8V${y + 3 + height}H${noteLeft}z" fill="${colours.note}" stroke="${colours.noteLine}"/>`,
    ...words,
  ];
  return { marks, y: y + height + 8 };
}

const centred: TextStyle = { anchor: 'middle' };
const soft: TextStyle = { anchor: 'middle', fill: colours.soft };

function text(x: number, y: number, words: string, fitting: Fitting, style: TextStyle): string[] {
  const { size, weight } = fitting;
  const sized = { ...style, ...(size && { size }), ...(weight && { weight }) };
  return textLines(x, y, fitted(words, fitting), sized);
}
