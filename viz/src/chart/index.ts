/** The chart, drawn from a layout. */
export { Chart } from './chart.js';
export { ChartDrawing, type ChartDrawingProps } from './chart-drawing.js';
export { chartSvg } from './chart-svg.js';
export { CoverageChart } from './coverage-chart.js';
export { darkPalette, drawingSvg, type Palette } from './drawing-svg.js';
export type { ChartMarks, Countdown } from './marks.js';
export { activeStates, valueText } from './state-value.js';
export { useLayout } from './use-layout.js';
