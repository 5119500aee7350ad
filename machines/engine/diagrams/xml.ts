/** XML as indented text. */

export interface XmlElement {
  readonly name: string;
  /** Attributes without a value are left out. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly XmlElement[];
}

export function element(
  name: string,
  attributes: XmlElement['attributes'] = {},
  children: readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes, children };
}

/** A document with one element at its root. */
export function xmlText(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${linesOf(root).join('\n')}\n`;
}

function linesOf({ name, attributes, children }: XmlElement): string[] {
  const own = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(value)}"`],
  );
  const start = `<${name}${own.join('')}`;
  if (children.length === 0) return [`${start}/>`];
  return [`${start}>`, ...children.flatMap(linesOf).map((line) => `  ${line}`), `</${name}>`];
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };

/** Characters that are not allowed in XML. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is about control characters
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escaped(text: string): string {
  return text
    .replace(impossible, '\ufffd')
    .replace(
      /[&<"]|[\t\n\r]/g,
      (character) => entities[character] ?? `&#${character.charCodeAt(0)};`,
    );
}
