import { beforeAll, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { registrationEdges } from '../../machines/registration/chart/edges.js';
import { registrationMachine } from '../../machines/registration/chart/registration.js';
import {
  type Box,
  type ChartLayout,
  type ChartState,
  type ChartTree,
  layoutChart,
  type PlacedState,
  statesOf,
  treeOf,
} from '../../viz/layout/index.js';
import { chartLayoutPlugin } from '../../viz/layout/plugin.js';

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const inside = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Whether the point is on the border of the box, apart from rounding. */
const onBorder = (x: number, y: number, box: Box) => {
  const near = (a: number, b: number) => Math.abs(a - b) < 1.5;
  const across = x > box.x - 1.5 && x < box.x + box.width + 1.5;
  const along = y > box.y - 1.5 && y < box.y + box.height + 1.5;
  return (
    (across && (near(y, box.y) || near(y, box.y + box.height))) ||
    (along && (near(x, box.x) || near(x, box.x + box.width)))
  );
};

function everyPair<Item>(items: readonly Item[], visit: (a: Item, b: Item) => void): void {
  for (const [index, a] of items.entries()) for (const b of items.slice(index + 1)) visit(a, b);
}

/** Faults of any drawing. */
function faultsOf({ states, edges, width, height }: ChartLayout): string[] {
  const faults: string[] = [];
  const byId = new Map(states.map((state) => [state.id, state]));
  const page = { x: 0, y: 0, width, height };
  everyPair(states, (a, b) => {
    if (a.parent === b.parent && overlap(a, b)) faults.push(`${a.id} lies on ${b.id}`);
  });
  for (const state of states) {
    const around = state.parent === null ? page : byId.get(state.parent);
    if (!around || !inside(state, around)) faults.push(`${state.id} is not in ${state.parent}`);
  }
  everyPair(edges, (a, b) => {
    if (overlap(a.labelBox, b.labelBox)) faults.push(`label ${a.id} lies on label ${b.id}`);
  });
  const leaves = states.filter(({ id }) => !states.some(({ parent }) => parent === id));
  for (const { id, labelBox, path, head, source, target } of edges) {
    if (!inside(labelBox, page)) faults.push(`label ${id} is off the page`);
    for (const leaf of leaves)
      if (overlap(labelBox, leaf)) faults.push(`label ${id} lies on ${leaf.id}`);
    for (const state of states)
      if (!state.region && overlap(labelBox, state) && !inside(labelBox, state))
        faults.push(`label ${id} lies on the frame of ${state.id}`);
    const [x = 0, y = 0] = numbers(path);
    const [tipX = 0, tipY = 0] = numbers(head);
    if (!onBorder(x, y, byId.get(source) as Box)) faults.push(`${id} does not begin at ${source}`);
    if (!onBorder(tipX, tipY, byId.get(target) as Box)) faults.push(`${id} misses ${target}`);
  }
  return faults;
}

const numbers = (path: string) => (path.match(/-?[\d.]+/g) ?? []).map(Number);

describe('the layout of the registration chart', () => {
  const tree = treeOf(registrationMachine);
  let layout: ChartLayout;
  const state = (id: string) =>
    layout.states.find((candidate) => candidate.id === id) as PlacedState;

  beforeAll(async () => {
    layout = await layoutChart(tree);
  });

  it('is deterministic', async () => {
    expect(await layoutChart(tree)).toEqual(layout);
  });

  it('has every state but the outermost, and every edge that is a step of the protocol', () => {
    expect(layout.states.map(({ id }) => id)).toEqual(
      statesOf(tree.root)
        .slice(1)
        .map(({ id }) => id),
    );
    expect(layout.edges.map(({ id }) => id)).toEqual(
      registrationEdges.filter(({ unexpected }) => !unexpected).map(({ id }) => id),
    );
    expect(layout.edges).toHaveLength(17);
  });

  it('has no overlapping boxes or labels, and every line ends at its states', () => {
    expect(faultsOf(layout)).toEqual([]);
  });

  it('fits a pane of 640 by 560 with text that can be read', () => {
    expect(Math.min(640 / layout.width, 560 / layout.height)).toBeGreaterThan(0.85);
  });

  it('puts the regions of the parallel state side by side, equally high, with a divider between', () => {
    const [left, right] = layout.states
      .filter(({ region }) => region)
      .sort((a, b) => a.x - b.x) as [PlacedState, PlacedState];
    expect(layout.states.filter(({ region }) => region)).toHaveLength(2);
    expect([left.y, left.height]).toEqual([right.y, right.height]);
    expect(layout.dividers).toHaveLength(1);
    expect(layout.dividers[0]?.x).toBeGreaterThan(left.x + left.width);
    expect(layout.dividers[0]?.x).toBeLessThan(right.x);
  });

  it('marks the initial states, each above what follows it', () => {
    const initial = layout.states.filter((candidate) => candidate.initial !== null);
    expect(initial.map(({ key }) => key)).toEqual([
      'connecting',
      'unregistered',
      'awaiting',
      'registration',
    ]);
    const exchange = 'registration.connected.unregistered.exchange';
    expect(state(`${exchange}.awaiting`).y).toBeLessThan(state(`${exchange}.validating`).y);
    expect(state('registration.connecting').y).toBeLessThan(state('registration.disconnected').y);
  });

  it('draws transitions that stay as one loop with a label each', () => {
    const loop = layout.edges.filter(
      ({ source }) => source === 'registration.connected.registered',
    );
    expect(loop).toHaveLength(5);
    expect(new Set(loop.map(({ path }) => path)).size).toBe(1);
  });

  it('leaves space for a time where a timer leads out', () => {
    expect(layout.states.filter(({ timed }) => timed).map(({ key }) => key)).toEqual([
      'registration',
      'rejection',
    ]);
  });

  it('is what the page is built with', async () => {
    const plugin = chartLayoutPlugin();
    const resolve = plugin.resolveId as (id: string) => string | null;
    const load = plugin.load as (id: string) => Promise<string | null>;
    expect(resolve('./chart-layout.js')).toBeNull();
    const text = (await load(resolve('virtual:chart-layout') ?? '')) ?? '';
    expect(JSON.parse(text.replace(/^export default |;$/g, ''))).toEqual(layout);
  });
});

describe('the layout of another chart', () => {
  it('is faultless for a machine with transitions of its outermost state, nested regions and timers', async () => {
    const machine = createMachine({
      id: 'lamp',
      type: 'parallel',
      on: { RESET: '.light', PING: {} },
      states: {
        light: {
          initial: 'off',
          states: {
            off: { on: { ON: 'on', TOGGLE: 'on' } },
            on: {
              type: 'parallel',
              on: { OFF: 'off', TOGGLE: 'off' },
              after: { 5000: 'off' },
              states: {
                colour: { initial: 'red', states: { red: { on: { NEXT: 'green' } }, green: {} } },
                blinking: { initial: 'no', states: { no: { on: { BLINK: 'yes' } }, yes: {} } },
              },
            },
          },
        },
        sensor: { initial: 'dark', states: { dark: { on: { SUN: 'bright' } }, bright: {} } },
        clock: {},
      },
    });
    const layout = await layoutChart(treeOf(machine));
    expect(layout.states[0]?.id).toBe('lamp');
    expect(layout.dividers).toHaveLength(1);
    expect(layout.edges).toHaveLength(10);
    expect(faultsOf(layout)).toEqual([]);
  });

  it('draws a chart of one state, and truncates names that are too long', async () => {
    const only: ChartState = {
      id: 'only',
      key: 'x'.repeat(5_000),
      type: 'atomic',
      initial: null,
      description: '',
      children: [],
    };
    const layout = await layoutChart({ root: only, edges: [] });
    expect(layout.states).toHaveLength(1);
    expect(layout.width).toBeLessThan(500);
  });

  it('is rejected when two parts have one id', async () => {
    const tree = treeOf(registrationMachine);
    const twice: ChartTree = { ...tree, edges: [...tree.edges, ...tree.edges.slice(0, 1)] };
    await expect(layoutChart(twice)).rejects.toThrow(
      'two parts of the chart have the id "connecting:Connected"',
    );
  });
});
