/** The registration chart as a standalone picture. */
import layout from 'virtual:chart-layout';
import type { ChartProps } from '../state/contracts.js';
import { drawingSvg, lightPalette, type Palette } from './drawing-svg.js';
import { registrationMarks } from './registration-marks.js';

/** The registration chart with a session on it, as SVG text. */
export function chartSvg(props: ChartProps, palette: Palette = lightPalette): string {
  return drawingSvg(layout, registrationMarks(props), 'Registration chart', palette);
}
