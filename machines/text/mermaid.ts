/** A label on one line, with everything Mermaid could read as syntax written as its entity code (`#59;`). */
export function mermaidLabel(label: string): string {
  return label
    .replace(/\s+/g, ' ')
    .replace(/[^A-Za-z0-9 .,_/()'-]/gu, (character) => `#${character.codePointAt(0)};`)
    .replace(/--/g, '-#45;')
    .replace(/^end$/i, (word) => `#${word.codePointAt(0)};${word.slice(1)}`);
}

/** Words that Mermaid reads as syntax even at the start of an id. */
const reserved =
  /^(?:\d|end|state|note|class|default|direction|scale|hide|style|loop|alt|opt|par|rect|box|over|as|participant|actor|activate|deactivate|create|destroy|title|acc|link|and|else|critical|break|autonumber|click)/i;

/** An id Mermaid cannot mistake for syntax: letters, digits and underscores. */
export function mermaidWord(name: string): string {
  const word = name.replace(/[^A-Za-z0-9]+/g, '_');
  // Mermaid itself names the beginning and the end of a composite state so.
  const plain = /_(start|end)$/.test(word) ? `${word}_` : word;
  return reserved.test(plain) ? `_${plain}` : plain;
}
