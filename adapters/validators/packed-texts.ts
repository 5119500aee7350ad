/**
 * Many texts in two arrays: compact, transferable between threads without copying, and without work for the garbage collector.
 */
export interface PackedTexts {
  /** The UTF-16 units of all texts: a name may contain an unpaired surrogate. */
  readonly units: Uint16Array<ArrayBuffer>;
  /** The end of each text in `units`. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packTexts(texts: readonly string[]): PackedTexts {
  const units = new Uint16Array(texts.reduce((sum, { length }) => sum + length, 0));
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (const [index, text] of texts.entries()) {
    for (let at = 0; at < text.length; at += 1) units[end++] = text.charCodeAt(at);
    ends[index] = end;
  }
  return { units, ends };
}

/** Units converted to a string per call. */
const unitsAtOnce = 4_096;

/** The text with a number. */
export function textAt(texts: PackedTexts, index: number): string {
  const units = texts.units.subarray(startOf(texts, index), texts.ends[index]);
  let text = '';
  for (let at = 0; at < units.length; at += unitsAtOnce) {
    text += String.fromCharCode(...units.subarray(at, at + unitsAtOnce));
  }
  return text;
}

/** Whether the text with a number equals `text`, without creating a string. */
export function isTextAt(texts: PackedTexts, index: number, text: string): boolean {
  const start = startOf(texts, index);
  if (Number(texts.ends[index]) - start !== text.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (texts.units[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

function startOf({ ends }: PackedTexts, index: number): number {
  return index === 0 ? 0 : Number(ends[index - 1]);
}
