/** A chart as a standalone picture: it needs no script, no external font and no external style sheet. */
import type { ChartLayout } from '../../layout/chart-layout.js';
import { textWidth } from '../../layout/measure.js';
import theme from '../styles/theme.css?raw';
import { CountdownRing } from './countdown.js';
import drawing from './drawing.css?raw';
import { activeWords, type ChartMarks, withAncestors } from './marks.js';
import { markupOf } from './markup.js';
import { Scene } from './scene.js';

const margin = 12;
const captionFont = 11.5;
const captionLine = 16;

/** Values of the custom properties in the rules of the drawing. */
export type Palette = ReadonlyMap<string, string>;

/** The light theme of the page. */
export const lightPalette: Palette = paletteOf(/:root\s*\{([^}]*)\}/);
export const darkPalette: Palette = paletteOf(
  /:root\[data-theme=.dark.\]\s*\{([^}]*)\}/,
  lightPalette,
);

function paletteOf(block: RegExp, inherited: Palette = new Map()): Palette {
  const rules = block.exec(theme)?.[1] ?? '';
  const own = [...rules.matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)];
  return new Map([...inherited, ...own.map(([, name = '', value = '']) => [name, value] as const)]);
}

/**
 * Any chart as SVG text.
 * @param caption lines below the chart
 */
export function drawingSvg(
  chart: ChartLayout,
  marks: ChartMarks,
  name: string,
  palette: Palette = lightPalette,
  caption: readonly string[] = [],
): string {
  const widths = [chart.width, ...caption.map((line) => textWidth(line, captionFont))];
  const width = Math.max(...widths) + 2 * margin;
  const height = chart.height + 2 * margin + caption.length * captionLine;
  const rules = drawing
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(
      /var\((--[\w-]+)\)/g,
      (_, property: string) => palette.get(property) ?? 'currentColor',
    );
  const words = activeWords(chart, withAncestors(chart, marks.active));
  const picture = (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={height}
      viewBox={`${-margin} ${-margin} ${width} ${height}`}
      role="img"
    >
      <title>{name}</title>
      <desc>{words}</desc>
      <style>{rules.trim()}</style>
      <rect
        x={-margin}
        y={-margin}
        width={width}
        height={height}
        fill={palette.get('--panel') ?? '#ffffff'}
      />
      <Scene
        {...marks}
        layout={chart}
        countdownOf={(state, { left, total }) => (
          <CountdownRing state={state} left={left} total={total} />
        )}
      />
      {caption.map((line, index) => (
        <text
          key={line}
          className="chart-caption"
          x={0}
          y={chart.height + margin + index * captionLine + 4}
        >
          {line}
        </text>
      ))}
    </svg>
  );
  return `${markupOf(picture)}\n`;
}
