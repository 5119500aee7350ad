/** The chart alone, driven by a test: `show` draws it with props that came as JSON, `svg` exports it; the same for a chart that
 * is not the registration chart. */
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import '../../../viz/src/styles/theme.css';
import {
  Chart,
  ChartDrawing,
  chartSvg,
  darkPalette,
  drawingSvg,
} from '../../../viz/src/chart/index.js';

const root = createRoot(document.getElementById('root'));
const selectedByUser = [];

function propsOf({ counts = {}, selected = [], ...rest }) {
  return {
    configuration: null,
    taken: null,
    deadline: null,
    path: null,
    ...rest,
    counts: new Map(Object.entries(counts)),
    selection: { edges: new Set(selected), steps: new Set() },
    onSelectEdge: (edge) => selectedByUser.push(edge),
  };
}

function foreignMarks(active) {
  return {
    active: new Set(active),
    taken: null,
    counts: null,
    selected: new Set(),
    countdown: null,
    path: null,
  };
}

window.chartPage = {
  selectedByUser,
  show: (props) => flushSync(() => root.render(createElement(Chart, propsOf(props)))),
  svg: (props, dark = false) => chartSvg(propsOf(props), ...(dark ? [darkPalette] : [])),
  showForeign: (layout, active) =>
    flushSync(() =>
      root.render(
        createElement(ChartDrawing, {
          ...foreignMarks(active),
          layout,
          name: 'Another chart',
          onSelectEdge: (edge) => selectedByUser.push(edge),
        }),
      ),
    ),
  foreignSvg: (layout, active) => drawingSvg(layout, foreignMarks(active), 'Another chart'),
};
