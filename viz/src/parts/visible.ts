/** What no XML document may hold, what could change which way text runs or hide it, and what looks like nothing. */
const unshowable =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\u2800\uFFFE\uFFFF]/gu;

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

/** JSON over several lines with the same characters escaped as JSON does it. */
export function visibleJson(json: string): string {
  return json.replace(unshowable, (character) => {
    if (character === '\n') return character;
    const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16));
    return units.map((unit) => `\\u${unit.padStart(4, '0')}`).join('');
  });
}

/** Somebody else's text as text of an SVG: nothing in it is markup, and every character can be seen. */
export function xmlText(text: string): string {
  return visible(text, Number.POSITIVE_INFINITY).replace(
    /[&<>"']/g,
    (character) => entities[character] ?? '',
  );
}
