/** The chart, drawn from a layout. */
export { Chart } from './chart.js';
export { ChartDrawing, type ChartDrawingProps } from './chart-drawing.js';
export { chartSvg, darkPalette, drawingSvg, type Palette } from './chart-svg.js';
export { CoverageChart } from './coverage-chart.js';
export type { ChartMarks, Countdown } from './marks.js';
