/** Sizes of drawn elements in layout units: CSS pixels at zoom 1. Text is measured without a browser. */

/** Font sizes of states, edges and marks of edges; keep them equal to those in the style sheet of the drawing. */
export const stateFont = 13;
export const edgeFont = 11.5;
export const markFont = 10.5;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Advance widths relative to the font size, slightly larger than those of the usual sans fonts. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!]/, 0.28],
  [/[frt()[\]\-/ I]/, 0.39],
  [/[mwMW@%]/, 0.92],
  [/[A-Z]/, 0.7],
  // A non-Latin character may be as wide as it is high.
  [/[^\u0020-\u024f]/u, 1],
];
const usualWidth = 0.565;

/** The width of a text in a sans font. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text)
    width += widths.find(([characters]) => characters.test(character))?.[1] ?? usualWidth;
  return Math.ceil(width * size);
}

/** Maximum length of a text that is drawn in full; texts of other people's charts have any length. */
const longest = 40;

/** The text for the drawing: complete, or cut off with an ellipsis. */
export function drawnText(text: string): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

/** A label: the event's name, or a clock and the delay's name, and the mark. The count is drawn over its corner. */
export function labelSize(text: string, timer: boolean, mark?: string): Size {
  const width = textWidth(drawnText(text), edgeFont) + 10 + (timer ? 13 : 0) + markWidth(mark);
  return { width, height: 18 };
}

/** The width of the mark of an edge in its label; 0 without one. */
export function markWidth(mark = ''): number {
  return mark === '' ? 0 : textWidth(mark, markFont) + 9;
}

/** A box without children: its name, and below it the time left if a timer runs. */
export function boxSize(name: string, timed: boolean): Size {
  const width = textWidth(drawnText(name), stateFont) + 30;
  return { width: Math.max(width, timed ? 104 : 88), height: timed ? 48 : 34 };
}

/** Height of a compound state's header. */
export const headerHeight = 22;

/** The minimum width of a box with children. */
export function headerWidth(name: string): number {
  return textWidth(drawnText(name), stateFont) + 24;
}

/** Above the left corner of an initial state: the dot and its arrow. */
export const initialSize: Size = { width: 24, height: 13 };

/** Maximum width of a line of labels. */
const blockWidth = 300;
const blockGap = 4;

/** Wraps the labels of a loop into lines, like the words of a text. Positions are relative to the block. */
export function wrapLabels(sizes: readonly Size[]): { block: Size; places: Box[] } {
  const places: Box[] = [];
  let x = 0;
  let y = 0;
  for (const { width, height } of sizes) {
    if (x > 0 && x + width > blockWidth) {
      x = 0;
      y += height + blockGap;
    }
    places.push({ x, y, width, height });
    x += width + blockGap;
  }
  const block = {
    width: Math.max(0, ...places.map((place) => place.x + place.width)),
    height: Math.max(0, ...places.map((place) => place.y + place.height)),
  };
  return { block, places };
}
