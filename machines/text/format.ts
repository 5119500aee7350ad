/** How times, and texts that somebody else chose, are put for people. */

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `3.2 h`. */
export function duration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1_000) return `${whole} ms`;
  // What would be rounded up to the next unit is told in it.
  if (whole < 59_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${(whole / 3_600_000).toFixed(1)} h`;
}

/** Text that somebody else chose: what a terminal would obey or hide is written as its code point. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * JSON in which nothing is left that a terminal would obey or hide: JSON itself escapes some of it only. It reads as the same
 * value. Line feeds, which end a line of JSON, stay.
 */
export function visibleJson(json: string): string {
  // Most of it is plain, and that is seen sooner than what is not.
  if (/^[\x20-\x7e\n]*$/.test(json)) return json;
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/**
 * A copy of a text that was cut out of a longer one. Engines let the cut share the memory of the whole, which stays as long as the cut
 * does.
 */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}
