import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf, chartOfText } from '../../adapters/element/chart-of.js';
import { defineStatechart } from '../../adapters/element/index.js';
import { StatechartView } from '../../adapters/react/index.js';

const machine = createMachine({
  id: 'light',
  initial: 'on',
  states: { on: { on: { GO: 'off' } }, off: {} },
});

it('ixgate/element can be imported where there are no elements, and defines nothing', () => {
  expect('customElements' in globalThis).toBe(false);
  expect(() => defineStatechart()).not.toThrow();
});

it('StatechartView is an empty element on a server', () => {
  const view = createElement(StatechartView, { machine, className: 'chart', style: { height: 9 } });
  expect(renderToString(createElement(StrictMode, null, view))).toBe(
    '<ixgate-statechart theme="auto" class="chart" style="height:9px"></ixgate-statechart>',
  );
});

it('a machine, its configuration and that as JSON are the same chart', () => {
  const chart = chartOf(machine);
  expect(chart).toMatchObject({ name: 'light', tree: { edges: [{ id: 'on:GO' }] } });
  expect(chartOf(machine.config)).toEqual(chart);
  expect(chartOfText(JSON.stringify(machine.config))).toEqual(chart);
  expect(chartOf(machine)).toBe(chart);
});

it.each<[string, object, string]>([
  ['a machine of XState 4', { transition: () => {}, states: {} }, 'XState 4'],
  ['logic of an actor', { transition: () => {} }, 'actor logic without states has no chart'],
  ['the result of setup()', { createMachine: () => {} }, 'call createMachine of it'],
  [
    'a target that is missing',
    { initial: 'a', states: { a: { on: { GO: 'nowhere' } } } },
    'nowhere',
  ],
])('%s has no chart, and a reason', (_, source, reason) => {
  expect(chartOf(source)).toEqual({ problem: expect.stringContaining(reason) });
});
