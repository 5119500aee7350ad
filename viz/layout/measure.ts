/** How big things are drawn, in units of the layout: CSS pixels at a zoom of 1. Text is measured without a browser. */

/** Sizes of the text of states and of edges; the drawing's style sheet says the same. */
export const stateFont = 13;
export const edgeFont = 11.5;

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

/** Advance widths as parts of the font size, a little more than the usual sans fonts need. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!]/, 0.28],
  [/[frt()[\]\-/ I]/, 0.39],
  [/[mwMW@%]/, 0.92],
  [/[A-Z]/, 0.7],
  // Anything that is no Latin letter may be as wide as it is high.
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

/** The longest text that is drawn in full; a foreign chart may say anything. */
const longest = 40;

/** A text as it is drawn: whole, or cut off with an ellipsis. */
export function drawnText(text: string): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

/** A label: the event's name, or a clock and the delay's name. How often it was taken hangs over its corner. */
export function labelSize(text: string, timer: boolean): Size {
  return { width: textWidth(drawnText(text), edgeFont) + 10 + (timer ? 13 : 0), height: 18 };
}

/** A box without children: its name, and under it the time left where a timer runs. */
export function boxSize(name: string, timed: boolean): Size {
  const width = textWidth(drawnText(name), stateFont) + 30;
  return { width: Math.max(width, timed ? 104 : 88), height: timed ? 48 : 34 };
}

/** Height of a compound state's header. */
export const headerHeight = 22;

/** The least width of a box with children. */
export function headerWidth(name: string): number {
  return textWidth(drawnText(name), stateFont) + 24;
}

/** Above the left corner of an initial state: the dot and its arrow. */
export const initialSize: Size = { width: 24, height: 13 };

/** How wide a block of labels may get before it goes on in the next line. */
const blockWidth = 300;
const blockGap = 4;

/** Labels that share a loop, in lines like the words of a text; places are relative to the block. */
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
