import type { ChartProps, FiguresProps, SimulatorProps } from './contracts.js';

export const Chart = ({ configuration }: ChartProps) => <p>{configuration}</p>;
export const chartSvg = (_: ChartProps) =>
  '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="50" height="50"/></svg>';
export const Figures = (_: FiguresProps) => <p>figures</p>;
export const Simulator = (_: SimulatorProps) => <p>simulator</p>;
export const Foreign = ({ url }: { url: string }) => <p>{url}</p>;
