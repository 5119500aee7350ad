/** What no XML document may hold, and what could change which way text runs or hide it. */
const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\uFFFE\uFFFF]/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Somebody else's text on one line, cut to a length, with every character that is in it to be seen. */
export function visible(text: string, length = 200): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return cut.replace(unshowable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Somebody else's text as text of an SVG: nothing in it is markup, and every character can be seen. */
export function xmlText(text: string): string {
  return visible(text, Number.POSITIVE_INFINITY).replace(
    /[&<>"']/g,
    (character) => entities[character] ?? '',
  );
}
