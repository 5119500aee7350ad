/** The entry of `dist/viz/picture`: draws charts in Node, without a browser, as the page draws them. */
import type { ChartTree } from '../../layout/index.js';
import { layoutChart } from '../../layout/index.js';
import { drawingSvg } from '../chart/drawing-svg.js';

const none: ReadonlySet<string> = new Set();

/** A chart as the text of an SVG file. */
export async function chartPicture(tree: ChartTree, name: string): Promise<string> {
  const marks = {
    active: none,
    taken: null,
    counts: null,
    selected: none,
    countdown: null,
    path: null,
  };
  return drawingSvg(await layoutChart(tree), marks, name);
}
