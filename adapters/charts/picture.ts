/** Charts as pictures, drawn without a browser by the code of the page. */
import type { AnyStateMachine } from 'xstate';
import { type ChartTree, chartTree } from '../../machines/engine/diagrams/chart-tree.js';

/** The built module, relative to this file: built or as source. */
const built = new URL(
  import.meta.url.endsWith('.ts')
    ? '../../dist/viz/picture/picture.js'
    : '../../viz/picture/picture.js',
  import.meta.url,
);

/** A coverage to draw. States and transitions that are in no map do not count and are not marked. */
export interface PictureCoverage {
  /** How often each innermost state was visited, by its id. */
  readonly visits: ReadonlyMap<string, number>;
  /** How often each edge of the chart was taken, by its id. */
  readonly taken: ReadonlyMap<string, number>;
  /** Lines below the chart. */
  readonly caption: readonly string[];
}

interface PictureModule {
  chartPicture(tree: ChartTree, name: string, coverage: PictureCoverage | null): Promise<string>;
}

/**
 * A machine as the text of an SVG file: the chart that the page draws, in its light theme. The layout takes about a second.
 * @param name title of the picture
 */
export async function svgChart(
  machine: AnyStateMachine,
  name: string,
  coverage: PictureCoverage | null = null,
): Promise<string> {
  const { chartPicture } = (await import(built.href)) as PictureModule;
  return chartPicture(chartTree(machine), name, coverage);
}
