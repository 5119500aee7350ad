/** Formats times and untrusted texts for people. */

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `3.2 h`. */
export function duration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1_000) return `${whole} ms`;
  // A value that rounds up to the next unit uses that unit.
  if (whole < 59_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${(whole / 3_600_000).toFixed(1)} h`;
}

/** Untrusted text for a terminal: characters that a terminal would obey or hide are written as their code points. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * JSON without characters that a terminal would obey or hide; JSON itself escapes only some of them. It parses to the same value. Line
 * feeds between the lines stay.
 */
export function visibleJson(json: string): string {
  // Most JSON is plain ASCII, and this test is fast.
  if (/^[\x20-\x7e\n]*$/.test(json)) return json;
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/**
 * A copy of a text that is a part of a longer one. JavaScript engines let the part share the memory of the whole, which would then stay
 * allocated as long as the part.
 */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}
