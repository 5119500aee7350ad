import { describe, expect, it } from 'vitest';
import { defaultDelays, findFigure, playFigureOnChart } from '../../machines/index.js';
import { defaultView, hashOf, isStep, viewFrom } from '../../viz/src/state/address.js';
import type { SessionView, ViewState } from '../../viz/src/state/contracts.js';
import { nothingHeld, viewOf, withMore } from '../../viz/src/state/held-steps.js';
import {
  configurationAt,
  countsOf,
  deadlineAt,
  indexAt,
  selectionOfEdge,
  selectionOfStep,
  takenAt,
} from '../../viz/src/state/stage.js';

const { steps } = playFigureOnChart(findFigure('2c'));
const whole = viewOf('recording', undefined, { steps, gaps: [] }) as SessionView;

describe('The address of a view', () => {
  const other: ViewState = {
    tab: 'figures',
    session: 'a b#c&d=e',
    learned: 'learned.json',
    recording: 'über.jsonl',
    coverage: 'today #2.json',
    inputs: null,
    seat: 'server',
    cursor: 7,
    figure: '2c',
    filter: 'two words',
    verdict: 'refused',
    state: 'awaiting/rejection',
    type: 'Proxy',
    sort: 'name',
    find: '"x" = 1',
    follow: false,
    theme: 'dark',
    foreign: 'ws://localhost:8888',
  };

  it('is restored unchanged', () => {
    expect(viewFrom(hashOf(other))).toEqual(other);
    for (const key of Object.keys(other) as (keyof ViewState)[]) {
      const one = { ...defaultView, [key]: other[key] };
      expect(viewFrom(hashOf(one)), key).toEqual(one);
    }
  });

  it('contains the inputs of the simulator while it is shown', () => {
    const view: ViewState = { ...defaultView, tab: 'simulator', inputs: 'WzFd-_' };
    expect(viewFrom(hashOf(view))).toEqual(view);
    expect(hashOf({ ...view, tab: 'sessions' })).toBe('');
  });

  it('is empty for the default page, and does not follow new sessions when it names one', () => {
    expect(hashOf(defaultView)).toBe('');
    expect(viewFrom('#session=x').follow).toBe(false);
    expect(viewFrom('')).toEqual(defaultView);
  });

  it('is a new history entry after navigation, not after typing or scrubbing', () => {
    const here = { ...defaultView, follow: false };
    expect(isStep(here, { ...here, session: 'x' })).toBe(true);
    expect(isStep(here, { ...here, tab: 'figures' })).toBe(true);
    expect(isStep(here, { ...here, cursor: 3 })).toBe(false);
    expect(isStep(here, { ...here, filter: 'x' })).toBe(false);
    expect(isStep(defaultView, { ...defaultView, session: 'x' })).toBe(false);
  });
});

describe('The kept steps of a session', () => {
  it('are in order, each once, whatever order they come in', () => {
    const [one, two, three, four] = steps;
    const later = withMore(nothingHeld, [three, four].filter(Boolean) as typeof steps, [
      { from: 1, to: 2, cause: 'forgotten' },
    ]);
    expect(later.gaps).toHaveLength(1);
    const held = withMore(later, [two, one, three].filter(Boolean) as typeof steps, []);
    expect(held.steps.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    // The missing steps have arrived.
    expect(held.gaps).toEqual([]);
  });

  it('update the summary, so that the verdict is never behind the ladder', () => {
    const early = viewOf('live', undefined, { steps: steps.slice(0, 2), gaps: [] });
    expect(early?.summary.verdict).toBe('open');
    expect(viewOf('live', early?.summary, { steps, gaps: [] })?.summary.verdict).toBe(
      'refused-then-spoke',
    );
    expect(viewOf('live', undefined, nothingHeld)).toBe(null);
  });
});

describe('What is shown at the cursor', () => {
  it('is the newest step without one, and the step before a seq that is missing', () => {
    expect(indexAt(steps, null)).toBe(steps.length - 1);
    expect(indexAt(steps, 2)).toBe(1);
    expect(
      indexAt(
        steps.filter(({ seq }) => seq !== 3),
        3,
      ),
    ).toBe(1);
    expect(indexAt(steps.slice(2), 1)).toBe(0);
    expect(indexAt([], null)).toBe(-1);
  });

  it('has the state of the chart at that moment and its path', () => {
    expect(configurationAt(whole, 2)).toBe('validating/registration');
    expect(configurationAt(whole, null)).toBe('disconnected');
    // The newest steps are missing; the summary includes them.
    const behind = { ...whole, steps: steps.slice(0, 2) };
    expect(configurationAt(behind, null)).toBe('disconnected');
    expect(configurationAt(behind, 2)).toBe('validating/registration');
    expect(takenAt(whole, 3)).toEqual({
      edges: ['validating:EventError', 'registration:EventError'],
      seq: 3,
    });
    const { counts, countsAreComplete } = countsOf(whole);
    expect(counts.get('awaiting:RequestRegisterClient')).toBe(1);
    expect(counts.has('validating:EventAck')).toBe(false);
    expect(countsAreComplete).toBe(true);
  });

  it('counts the transitions in a gap as far as the gap has them', () => {
    const gap = { from: 2, to: 3, cause: 'forgotten' };
    const held = { steps: steps.filter(({ seq }) => seq < gap.from || seq > gap.to), gaps: [gap] };
    expect(countsOf(held).countsAreComplete).toBe(false);
    const upTo = steps.filter(({ seq }) => seq <= gap.to);
    const transitions = Object.fromEntries(countsOf({ steps: upTo, gaps: [] }).counts);
    const known = { ...gap, transitions };
    expect(countsOf({ ...held, gaps: [known] })).toEqual(countsOf(whole));
    // A later gap without a summary.
    const unknown = { from: 5, to: 5, cause: 'slow-viewer' };
    expect(countsOf({ ...held, gaps: [known, unknown] }).countsAreComplete).toBe(false);
  });

  it('highlights the edges of an arrow and the arrows of an edge', () => {
    expect([...selectionOfStep(whole, 3).edges]).toEqual([
      'validating:EventError',
      'registration:EventError',
    ]);
    expect([...selectionOfEdge(whole, 'awaiting:OtherMessage').steps]).toEqual([4]);
    expect(selectionOfStep(whole, 99).edges.size).toBe(0);
  });

  it('has the running deadline, with its duration and remaining time', () => {
    expect(deadlineAt(whole, 2, null, null)).toEqual({
      kind: 'registration',
      left: 8_750,
      total: defaultDelays.registrationTimeout,
      running: false,
    });
    // The second EventError does not restart it.
    expect(deadlineAt(whole, 5, null, null)).toMatchObject({
      kind: 'rejection',
      left: 3_750,
      total: 5_000,
    });
    expect(deadlineAt(whole, null, null, null)).toBe(null);
  });

  it('has a deadline that runs on while the session is live, by the clock of the gate', () => {
    const live: SessionView = viewOf('live', undefined, {
      steps: steps.slice(0, 3),
      gaps: [],
    }) as SessionView;
    const at = live.steps.at(-1)?.at ?? 0;
    expect(deadlineAt(live, null, defaultDelays, at + 1_200)).toEqual({
      kind: 'rejection',
      left: 3_800,
      total: 5_000,
      running: true,
    });
    // No time passes when stopped, or without a gate.
    expect(deadlineAt(live, 3, defaultDelays, at + 1_200)).toMatchObject({
      left: 5_000,
      running: false,
    });
    expect(deadlineAt(live, null, null, null)).toMatchObject({ left: 5_000, running: false });
    expect(
      deadlineAt({ ...live, origin: 'simulator', now: 2_250 }, null, null, null),
    ).toMatchObject({
      left: 4_000,
      running: false,
    });
  });
});
