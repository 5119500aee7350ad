import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chartToMermaid, figureToMermaid, findFigure } from '../../../machines/index.js';
import { drawings, MissingMarkerError, withDrawings } from '../../../scripts/readme-blocks.js';

const page = readFileSync(new URL('../../../docs/chart.md', import.meta.url), 'utf8');
const names = [...drawings().keys()];
const empty = names
  .map((name) => `# ${name}\n<!-- ${name} -->\n<!-- /${name} -->\ntext\n`)
  .join('');

describe('docs/chart.md', () => {
  it('shows the figures and the chart as they are now (npm run readme writes them)', () => {
    expect(page).toBe(withDrawings(page));
  });
});

describe('the drawings of docs/chart.md', () => {
  it('are the four figures and the chart', () => {
    expect(names).toEqual(['figure:1', 'figure:2a', 'figure:2b', 'figure:2c', 'chart']);
    const drawn = withDrawings(empty);
    expect(drawn).toContain(`\n\`\`\`mermaid\n${figureToMermaid(findFigure('2c'))}\`\`\`\n`);
    expect(drawn).toContain(`\n\`\`\`mermaid\n${chartToMermaid()}\`\`\`\n`);
  });

  it('replace the text between their markers and change nothing else', () => {
    const drawn = withDrawings(empty);
    expect(withDrawings(drawn)).toBe(drawn);
    expect(withDrawings(drawn.replaceAll('->>', 'stale'))).toBe(drawn);
    expect(drawn.split('\n').filter((line) => line === 'text')).toHaveLength(names.length);
  });

  it.each(['<!-- figure:2b -->', '<!-- /chart -->'])('cannot be written without %s', (marker) => {
    expect(() => withDrawings(empty.replace(marker, ''))).toThrow(
      new MissingMarkerError(`docs/chart.md has no marker ${marker}`),
    );
  });

  it('cannot be written where a marker is there twice, or the wrong way round', () => {
    expect(() => withDrawings(`${empty}<!-- chart -->`)).toThrow('the marker <!-- chart --> twice');
    const turned = empty.replace(
      '<!-- chart -->\n<!-- /chart -->',
      '<!-- /chart -->\n<!-- chart -->',
    );
    expect(() => withDrawings(turned)).toThrow('<!-- /chart --> must come after <!-- chart -->');
  });
});
