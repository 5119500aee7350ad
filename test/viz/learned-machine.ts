/** Learned machines of servers that depart from the figure. */
import { differencesOf } from '../../machines/engine/learning/differences.js';
import type { LearnedFile } from '../../machines/engine/learning/learned-file.js';
import type { TimedEdge, TimedMachine } from '../../machines/engine/learning/timed-machine.js';
import { expectedRegistration } from '../../machines/registration/sut/expected.js';

const tolerance = 50;
const expected = expectedRegistration({
  delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
});

export function learnedFile(machine: TimedMachine): LearnedFile {
  const differences = differencesOf(expected, machine, tolerance);
  return {
    kind: 'ixgate-learned',
    version: 1,
    target: 'tcp://127.0.0.1:7004',
    protocol: 'registration',
    machine,
    expected,
    tolerance,
    horizon: 10_000,
    guarantee: null,
    unknown: ['not observed: too-long in registered'],
    differences,
    connections: 62,
    elapsed: 5_800,
  };
}

export const rightServer = learnedFile(expected);

/** Another message restarts the clock, a second registration is refused, and one frame was not tried. */
export const wrongServer = learnedFile(
  withEdges({
    'awaiting/rejection': { other: { clock: 'start' }, register: { output: 'EventError' } },
    registered: { 'too-long': null },
  }),
);

type Changes = Readonly<Record<string, Readonly<Record<string, Partial<TimedEdge> | null>>>>;

function withEdges(changes: Changes): TimedMachine {
  const states = expected.states.map((state) => {
    const own = changes[state.name] ?? {};
    const edges = Object.entries(state.edges)
      .filter(([input]) => own[input] !== null)
      .map(([input, edge]) => [input, { ...edge, ...own[input] }] as const);
    return { ...state, edges: Object.fromEntries(edges) };
  });
  return { ...expected, states };
}
