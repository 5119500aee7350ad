/**
 * The custom element `<ixgate-statechart>`, which draws the chart of a machine. The import defines it, where there are custom elements.
 * @module ixgate/element
 */
import { defineStatechart } from './statechart-element.js';

export type { MachineDefinition } from './chart-of.js';
export {
  defineStatechart,
  StatechartElement,
  type StatechartTheme,
  type TransitionSelectEvent,
} from './statechart-element.js';

defineStatechart();
