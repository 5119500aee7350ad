/** A label on one line, with everything Mermaid could read as syntax written as its entity code (`#59;`). */
export function mermaidLabel(label: string): string {
  return label
    .replace(/\s+/g, ' ')
    .replace(/[^A-Za-z0-9 .,_/()'-]/gu, (character) => `#${character.codePointAt(0)};`)
    .replace(/--/g, '-#45;')
    .replace(/^end$/i, (word) => `#${word.codePointAt(0)};${word.slice(1)}`);
}
