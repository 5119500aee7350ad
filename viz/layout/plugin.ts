/**
 * Computes the layout of the registration chart when the page is built. The layout is then always the same, and the page does not contain
 * ELK.
 */
import type { Plugin } from 'vite';
import { registrationMachine } from '../../machines/registration/chart/registration.js';
import { layoutChart } from './layout.js';
import { treeOf } from './tree.js';

const name = 'virtual:chart-layout';
const resolved = `\0${name}`;

/** Serves `virtual:chart-layout`, whose default export is the `ChartLayout`. */
export function chartLayoutPlugin(): Plugin {
  return {
    name: 'ixgate:chart-layout',
    resolveId: (id) => (id === name ? resolved : null),
    async load(id) {
      if (id !== resolved) return null;
      return `export default ${JSON.stringify(await layoutChart(treeOf(registrationMachine)))};`;
    },
  };
}
