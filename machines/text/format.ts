/** Times and untrusted texts, formatted for people. */

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `3.2 h`. */
export function duration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1_000) return `${whole} ms`;
  // A duration that would be rounded up to 60 s is shown in minutes.
  if (whole < 59_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${(whole / 3_600_000).toFixed(1)} h`;
}

/** An untrusted text for a terminal: control and invisible characters are written as their code points. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/**
 * JSON without control or invisible characters, of which JSON itself escapes only some. It parses to the same value. Line feeds, which
 * end a line of JSON, stay.
 */
export function visibleJson(json: string): string {
  // Fast path: most JSON is plain ASCII.
  if (/^[\x20-\x7e\n]*$/.test(json)) return json;
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/**
 * A copy of a text that was cut out of a longer one. JavaScript engines let the cut share the memory of the longer text, which then
 * cannot be freed.
 */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}

/** A value as JSON, cut to `length` characters, for an error text. */
export function abridged(value: unknown, length = 60): string {
  const text = visibleJson(JSON.stringify(value) ?? String(value));
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
