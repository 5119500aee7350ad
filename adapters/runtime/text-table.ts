/** Tables for a terminal: cells padded or cut to the width of their column. Widths are in terminal columns. */
import stringWidth from 'string-width';

export interface TextColumn {
  /** Minimum width of a cell; longer cells move the rest of their row. */
  readonly width: number;
  /** @default left */
  readonly align?: 'left' | 'right';
}

/**
 * Joins the cells of a row, each padded to its column. Cells may have colours; they count as zero columns.
 * @param gap between two columns. @default two blanks
 */
export function formatRow(
  cells: readonly string[],
  columns: readonly TextColumn[],
  gap = '  ',
): string {
  return cells.map((cell, index) => padCell(cell, columns[index] ?? { width: 0 })).join(gap);
}

/** Pads a cell to its column. */
export function padCell(text: string, { width, align = 'left' }: TextColumn): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? blanks + text : text + blanks;
}

/** The width of the widest text; 0 for none. */
export function widestOf(texts: Iterable<string>): number {
  let widest = 0;
  for (const text of texts) widest = Math.max(widest, widthOf(text));
  return widest;
}

/** A line of a list of counts: the number, right-aligned, and its name. */
export function countLine(count: number, name: string, width: number): string {
  return formatRow([String(count), name], [{ width, align: 'right' }]);
}

/** Cuts a text to a width. A cut text ends in an ellipsis. */
export function cutTo(text: string, width: number): string {
  // A character is at most two columns wide, so a very long text is cut before it is measured.
  const begin = text.length > width * 40 ? text.slice(0, width * 40) : text;
  if (begin === text && widthOf(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const { segment } of characters.segment(begin)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    shown += segment;
    used += wide;
  }
  return `${shown}…`;
}

const characters = new Intl.Segmenter();

/** Text of printable ASCII only: each character is one column wide, and nothing must be escaped. */
export const isPlain = (text: string): boolean => plain.test(text);
const plain = /^[ -~]*$/;

function widthOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}
