/** The registration chart with a session on it. */

import layout from 'virtual:chart-layout';
import type { ReactNode } from 'react';
import type { ChartProps } from '../state/contracts.js';
import { ChartDrawing } from './chart-drawing.js';
import { registrationMarks } from './registration-marks.js';

export function Chart(props: ChartProps): ReactNode {
  return (
    <ChartDrawing
      {...registrationMarks(props)}
      layout={layout}
      name="Registration chart"
      onSelectEdge={props.onSelectEdge}
    />
  );
}
