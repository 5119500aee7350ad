import { chartToMermaid, figures, figureToMermaid } from '../machines/index.js';

/** A page lacks the marker of a drawing. */
export class MissingMarkerError extends Error {
  override readonly name = 'MissingMarkerError';
}

/** The generated drawings by the name of their markers: `figure:1` ... and `chart`. */
export function drawings(): ReadonlyMap<string, string> {
  return new Map([
    ...figures.map((figure) => [`figure:${figure.id}`, figureToMermaid(figure)] as const),
    ['chart', chartToMermaid()],
  ]);
}

/**
 * docs/chart.md with every drawing generated, between `<!-- figure:1 -->` and `<!-- /figure:1 -->` and so on. The text between
 * the markers is replaced; the rest is unchanged.
 * @throws {MissingMarkerError} when a marker is missing, out of order or duplicated
 */
export function withDrawings(page: string): string {
  let text = page;
  for (const [name, mermaid] of drawings()) {
    const open = `<!-- ${name} -->`;
    const close = `<!-- /${name} -->`;
    const start = placeOf(open, text) + open.length;
    const end = placeOf(close, text);
    if (end < start)
      throw new MissingMarkerError(`docs/chart.md: ${close} must come after ${open}`);
    text = `${text.slice(0, start)}\n\`\`\`mermaid\n${mermaid}\`\`\`\n${text.slice(end)}`;
  }
  return text;
}

function placeOf(marker: string, text: string): number {
  const place = text.indexOf(marker);
  if (place < 0) throw new MissingMarkerError(`docs/chart.md has no marker ${marker}`);
  if (text.includes(marker, place + 1)) {
    throw new MissingMarkerError(`docs/chart.md has the marker ${marker} twice`);
  }
  return place;
}
