/** Texts of a picture: wrapped to a width that is estimated without a browser, and shortened where they would be too long. */
import { visible, xmlText } from '../parts/visible.js';

export const ink = '#1b1f24';
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const sans = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
const families = { mono, sans } as const;
/** Size of the text where no other is given, in pixels. */
const fontSize = 12;

/** The distance of two base lines, in pixels. */
export function lineHeight(size: number = fontSize): number {
  return Math.ceil(size * 1.5);
}

/** The picture's attributes for texts that have no font of their own. */
export const defaultFont = `font-family="${mono}" font-size="${fontSize}"`;

/** Advance widths as parts of the font size, more than the usual fonts need. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[\u0020-\u024f]/, 0.62],
  [/\p{Mn}/u, 0],
  [/[\uFDFA-\uFDFD]/, 12],
  [/[\u2e80-\u9fff\uac00-\ud7ff\uff00-\uffef]/, 1.05],
  [/\p{Script=Hebrew}|\p{Script=Cyrillic}|\p{Script=Greek}/u, 0.85],
];
/** Pictures, and letters of scripts with wide ones. */
const widest = 1.5;
/** The same for the Latin letters of a sans font. */
const sansWidths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|! ]/, 0.36],
  [/[frtI()[\]\-/]/, 0.45],
  [/[mwMW@%ŒœÆæ]/, 1],
  [/[A-Z]/, 0.78],
];

function widthOf(character: string, family: keyof typeof families): number {
  const width = widths.find(([characters]) => characters.test(character))?.[1] ?? widest;
  const sans = sansWidths.find(([characters]) => characters.test(character))?.[1] ?? width;
  // A reader without a monospaced font sees another one.
  return family === 'sans' ? sans : Math.max(width, sans);
}

/** A text as it is drawn. */
export interface FittedText {
  readonly lines: readonly string[];
  /** The whole text where the lines have only its beginning; null where they have all of it. */
  readonly full: string | null;
}

export interface Fitting {
  /** Pixels. */
  readonly width: number;
  /** Lines at most. @default 1 */
  readonly lines?: number;
  /** Pixels. @default 12 */
  readonly size?: number;
  readonly weight?: number;
  /** @default 'sans' */
  readonly family?: keyof typeof families;
}

/** Breaks a text at blanks, and within words that are wider than a line. */
export function fitted(words: string, fitting: Fitting): FittedText {
  const { width, lines: most = 1, size = fontSize, weight = 400, family = 'sans' } = fitting;
  const shown = visible(words, Number.POSITIVE_INFINITY);
  const room = width / (size * (weight > 400 ? 1.1 : 1));
  const lines: string[] = [];
  let line = '';
  let used = 0;
  /** Where the line can be broken: after its last blank, and how wide it is up to there. */
  let blank = { at: 0, used: 0 };
  for (const character of shown) {
    const next = widthOf(character, family);
    if (used + next > room && line !== '') {
      const at = blank.at > 0 ? blank.at : line.length;
      lines.push(line.slice(0, at).trimEnd());
      if (lines.length > most) break;
      used -= blank.at > 0 ? blank.used : used;
      line = line.slice(at);
      blank = { at: 0, used: 0 };
    }
    line += character;
    used += next;
    if (character === ' ') blank = { at: line.length, used };
  }
  if (lines.length <= most && (line.trim() !== '' || lines.length === 0))
    lines.push(line.trimEnd());
  if (lines.length <= most) return { lines, full: null };
  const kept = lines.slice(0, most);
  kept[most - 1] = withEllipsis(kept[most - 1] ?? '', room, family);
  return { lines: kept, full: words };
}

/** A line of a text that goes on: its end makes room for the ellipsis. */
function withEllipsis(line: string, room: number, family: keyof typeof families): string {
  const characters = [...line];
  let used = characters.reduce((sum, character) => sum + widthOf(character, family), widest);
  while (used > room) used -= widthOf(characters.pop() ?? '', family) || 0;
  return `${characters.join('').trimEnd()}…`;
}

export interface TextStyle {
  readonly anchor?: 'middle' | 'end';
  readonly fill?: string;
  readonly size?: number;
  readonly weight?: number;
  /** @default 'sans' */
  readonly family?: keyof typeof families;
}

/** The lines of a text as SVG, the first with its base line at `y`. */
export function textLines(
  x: number,
  y: number,
  { lines, full }: FittedText,
  style: TextStyle = {},
): string[] {
  const { anchor, fill = ink, family = 'sans', size, weight } = style;
  const title = full === null ? '' : `<title>${xmlText(full)}</title>`;
  return lines.map((line, index) => {
    const attributes = [
      `x="${x}" y="${y + index * lineHeight(size)}" fill="${fill}"`,
      anchor && `text-anchor="${anchor}"`,
      family === 'sans' && `font-family="${families.sans}"`,
      size && `font-size="${size}"`,
      weight && `font-weight="${weight}"`,
    ];
    return `<text ${attributes.filter(Boolean).join(' ')}>${title}${xmlText(line)}</text>`;
  });
}
