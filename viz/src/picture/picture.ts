/** The entry of `dist/viz/picture`: draws charts in Node, without a browser, as the page draws them. */
import type { PictureCoverage } from '../../../adapters/charts/picture.js';
import type { ChartTree } from '../../layout/index.js';
import { layoutChart } from '../../layout/index.js';
import { drawingSvg, lightPalette } from '../chart/drawing-svg.js';

const none: ReadonlySet<string> = new Set();

/** A chart as the text of an SVG file, with its coverage if there is one. */
export async function chartPicture(
  tree: ChartTree,
  name: string,
  coverage: PictureCoverage | null,
): Promise<string> {
  const marks = {
    active: none,
    taken: null,
    counts: coverage?.taken ?? null,
    visits: coverage?.visits ?? null,
    selected: none,
    countdown: null,
    path: null,
  };
  return drawingSvg(await layoutChart(tree), marks, name, lightPalette, coverage?.caption);
}
