import { expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import {
  chartPairs,
  chartSteps,
  configurations,
  defaultDelays,
  type RegistrationEvent,
  registrationEdges,
  registrationEventTypes,
  Session,
  type StepRecord,
  seated,
} from '../../machines/index.js';

const inputs = [...registrationEventTypes, 'time passes'] as const;
type Input = (typeof inputs)[number];

/** The step records of a real actor for a sequence of inputs, with a simulated clock. */
function recordsOf(path: readonly Input[]): StepRecord[] {
  const clock = new SimulatedClock();
  const actor = createActor(seated({ actions: {}, delays: defaultDelays }), { clock });
  const records: StepRecord[] = [];
  const session = new Session(actor, {
    session: 'walked',
    seat: 'observer',
    delays: defaultDelays,
    onStep: (step) => records.push(step),
  });
  actor.start();
  for (const input of path) {
    if (input === 'time passes') clock.increment(defaultDelays.registrationTimeout);
    else session.send({ type: input, reason: 'peer-closed' } as RegistrationEvent);
  }
  actor.stop();
  return records;
}

/** Every pair of consecutive steps of real actors, found by continuing from every new pair. */
function walkedPairs(): Set<string> {
  const seen = new Set<string>();
  const paths: Input[][] = [[]];
  for (const path of paths) {
    for (const input of inputs) {
      const longer = [...path, input];
      const records = recordsOf(longer);
      if (records.length < longer.length) continue;
      const [one, other] = [records.at(-2), records.at(-1)];
      const pair = `${one?.transition.join(' + ')} > ${other?.transition.join(' + ')}`;
      const node = `${pair} ${other?.to}`;
      if (seen.has(node)) continue;
      seen.add(node);
      paths.push(longer);
    }
  }
  return new Set(
    [...seen]
      .filter((node) => !node.startsWith('undefined'))
      .map((node) => node.replace(/ [a-z/]+$/, '')),
  );
}

test('The pairs of the chart are exactly those of real actors', () => {
  const walked = walkedPairs();
  expect([...chartPairs().keys()].sort()).toEqual([...walked].sort());
  expect(walked.size).toBe(258);
});

test('The steps of the chart reach every configuration and take every transition', () => {
  const steps = chartSteps();
  expect(new Set(steps.flatMap(({ from, to }) => [from, to]))).toEqual(new Set(configurations));
  const taken = new Set(steps.flatMap(({ edges }) => edges.map(({ id }) => id)));
  expect(taken).toEqual(new Set(registrationEdges.map(({ id }) => id)));
  // A pair is unexpected when either of its steps is.
  const unexpected = [...chartPairs().values()].filter((pair) => pair.unexpected);
  expect(unexpected).toHaveLength(176);
});
