import { describe, expect, it } from 'vitest';
import {
  arrowsOf,
  type Configuration,
  type FigureId,
  figures,
  findFigure,
  pathOf,
  type RegistrationEventType,
  registrationEdges,
  registrationMachine,
  stateNodesOf,
  transitionsTaken,
} from '../../../machines/index.js';
import { drive, type Input } from '../chart/driven-chart.js';

const ids: FigureId[] = ['1', '2a', '2b', '2c'];

/** The input an edge id asks for. */
const inputOf = (edge: string) => edge.slice(edge.indexOf(':') + 1) as Input;

/** The inputs of a figure, one an arrow, and the configurations they lead through on a running chart. */
function walked(id: FigureId) {
  const inputs = arrowsOf(findFigure(id)).map((arrow) => inputOf(arrow.path[0] ?? ''));
  return inputs.map((input, step) => drive(inputs.slice(0, step), input));
}

describe('the documented figures', () => {
  it('are figure 1 and the three versions of figure 2, in the order of the page', () => {
    expect(figures.map((figure) => figure.id)).toEqual(ids);
  });

  it.each(ids)('%s: is drawn between Client and Interaction Server', (id) => {
    const { lifelines, source } = findFigure(id);
    expect(lifelines).toEqual(['Client', 'Interaction Server']);
    expect(source).toContain('Events and Models Reference');
    for (const arrow of arrowsOf(findFigure(id))) {
      expect(new Set([arrow.from, arrow.to])).toEqual(new Set(lifelines));
    }
  });

  it('draw what the page says, from top to bottom', () => {
    const drawn = Object.fromEntries(
      figures.map((figure) => [figure.id, figure.steps.map((step) => step.label)]),
    );
    const end = ['a timeout expires', 'disconnect'];
    expect(drawn).toEqual({
      '1': ['connect', 'RequestRegisterClient', 'EventAck'],
      '2a': ['connect', 'RequestRegisterClient', 'EventError', ...end],
      '2b': ['connect', 'any message', 'EventError', ...end],
      '2c': ['connect', 'RequestRegisterClient', 'EventError', 'any message', 'EventError', ...end],
    });
  });

  it.each(ids.slice(1))('%s: ends with the server disconnecting after the timeout', (id) => {
    const { steps } = findFigure(id);
    expect(steps.at(-2)?.kind).toBe('note');
    expect(steps.at(-1)).toMatchObject({ kind: 'disconnect', from: 'Interaction Server' });
  });

  it('tell apart what the page says and what is this project’s reading', () => {
    for (const { readings } of figures) {
      expect(readings.length).toBeGreaterThan(0);
      for (const reading of readings)
        expect(reading).toMatch(/The page (does not|names no|shows nothing)/);
    }
  });

  it('are found by id; the error for an unknown id lists the known ones', () => {
    expect(findFigure('2b').title).toContain('not registered');
    expect(() => findFigure('3')).toThrow('unknown figure "3": expected one of 1, 2a, 2b, 2c');
  });
});

describe('the path a figure claims', () => {
  it.each(ids)('%s: names transitions that the chart has', (id) => {
    const known = registrationEdges.map((edge) => edge.id);
    expect(pathOf(findFigure(id)).filter((edge) => !known.includes(edge))).toEqual([]);
  });

  it.each(ids)('%s: is one the running chart takes, arrow by arrow', (id) => {
    const steps = walked(id);
    arrowsOf(findFigure(id)).forEach((arrow, index) => {
      expect(steps[index]?.taken, arrow.label).toEqual(arrow.path);
    });
  });

  it.each(ids)('%s: is one the chart’s table of transitions tells, too', (id) => {
    let here: Configuration = 'connecting';
    const steps = walked(id);
    arrowsOf(findFigure(id)).forEach((arrow, index) => {
      const input = inputOf(arrow.path[0] ?? '') as RegistrationEventType;
      expect(transitionsTaken(here, input).map((edge) => edge.id)).toEqual(arrow.path);
      here = steps[index]?.to ?? here;
    });
    expect(here).toBe(id === '1' ? 'registered' : 'disconnected');
  });

  it('is what the transitions of the chart say of themselves in meta.figures', () => {
    for (const edge of registrationEdges) {
      const claimed = ids.filter((id) => pathOf(findFigure(id)).includes(edge.id));
      expect(edge.figures, edge.id).toEqual(claimed);
    }
  });

  it('leads through exactly the states that name the figure in meta.figures', () => {
    const visits = new Map(ids.map((id) => [id, statesOf(id)]));
    const leaves = stateNodesOf(registrationMachine.root).filter(
      (node) => Object.keys(node.states).length === 0,
    );
    for (const node of leaves) {
      const shown = (node.meta as { figures?: FigureId[] } | undefined)?.figures ?? [];
      // The registration deadline runs in every figure and is drawn in none: the page has one timeout only.
      const drawn = node.id.endsWith('deadline.registration')
        ? []
        : ids.filter((id) => visits.get(id)?.has(node.id));
      expect(shown, node.id).toEqual(drawn);
    }
  });
});

/** The states the transitions of a figure leave and enter. */
function statesOf(id: FigureId): Set<string> {
  const leavesOf = (configuration: Configuration) => {
    const prefix = 'registration.connected.unregistered';
    const [exchange, deadline] = configuration.split('/');
    if (deadline) return [`${prefix}.exchange.${exchange}`, `${prefix}.deadline.${deadline}`];
    return [
      configuration === 'registered'
        ? 'registration.connected.registered'
        : `registration.${configuration}`,
    ];
  };
  return new Set(walked(id).flatMap(({ from, to }) => [...leavesOf(from), ...leavesOf(to)]));
}
