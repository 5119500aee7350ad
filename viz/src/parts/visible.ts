/** Characters that are not allowed in XML, change the direction of text, hide text, or are invisible. */
const unshowable =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\u2800\uFFFE\uFFFF]/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Untrusted text on one line, cut to a length, with all its characters visible. */
export function visible(text: string, length = 200): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return cut.replace(unshowable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** JSON on several lines with the same characters escaped as in JSON. */
export function visibleJson(json: string): string {
  return json.replace(unshowable, (character) => {
    if (character === '\n') return character;
    const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16));
    return units.map((unit) => `\\u${unit.padStart(4, '0')}`).join('');
  });
}

/** Untrusted text for an SVG: markup is escaped, and all characters are visible. */
export function xmlText(text: string): string {
  return visible(text, Number.POSITIVE_INFINITY).replace(
    /[&<>"']/g,
    (character) => entities[character] ?? '',
  );
}
