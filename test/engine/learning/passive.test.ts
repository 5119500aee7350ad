/** A passive learner finds what recorded sessions show, and nothing else. */
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { PassiveLearner, type PassiveResult } from '../../../machines/engine/learning/passive.js';
import type { SessionStep } from '../../../machines/engine/learning/passive-session.js';
import type { TimedMachine } from '../../../machines/engine/learning/timed-machine.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';

const delays = { registrationTimeout: 400, rejectionTimeout: 200 };
const figure = expectedRegistration({ delays });
const measured = expectedRegistration({ delays, chosenByServer: Object.keys(delays) });

/** `input/output@at`; `?` for an unknown output. */
function stepOf(text: string): SessionStep {
  const [, input = '', output = '', at = ''] = /^(.*)\/(.*)@(\d+)$/.exec(text) ?? [];
  const answer = output === '?' ? null : output;
  return { inputs: input.split('|'), output: answer, at: Number(at), answeredAt: Number(at) };
}

function learned(
  sessions: readonly (readonly string[])[],
  expected: TimedMachine = figure,
): PassiveResult {
  const learner = new PassiveLearner(expected);
  for (const [index, texts] of sessions.entries()) {
    const steps = texts.map(stepOf);
    const lasted = steps.at(-1)?.at ?? 0;
    learner.add({ name: `session ${index + 1}`, steps, lasted, hasConnect: true });
  }
  return learner.result();
}

const refused = 'other/EventError@10';
const good = [
  ['register/EventAck@5', 'other/EventAck@20'],
  ['silence/closed@402'],
  [refused, 'register-invalid/EventError@110', 'silence/closed@211'],
  [refused, 'register/EventAck@50'],
];
const titles = ({ differences }: PassiveResult) =>
  differences.map(
    ({ kind, input, expectedState, expected, observed }) =>
      `${kind} ${input} in ${expectedState}: ${expected}, not ${observed}`,
  );

describe('sessions that agree with the figure', () => {
  it('count on its edges, and show which edges no session has taken', () => {
    const result = learned(good);
    expect(result.differences).toEqual([]);
    const counts = new Map(
      result.edges.map(({ from, input, count }) => [`${from} ${input}`, count]),
    );
    expect(counts.get('awaiting/registration other')).toBe(2);
    expect(counts.get('awaiting/rejection silence')).toBe(1);
    expect(counts.get('awaiting/registration not-json')).toBe(0);
  });

  it('become a machine that equals the figure as far as they go', () => {
    const { machine } = learned(good);
    expect(differencesOf(figure, machine, 20)).toEqual([]);
    expect(machine.states.find(({ name }) => name === 'registered')?.isSilenceUnobserved).toBe(
      true,
    );
  });

  it('may end with an unknown answer, and may have inputs that a recording does not tell apart', () => {
    const ambiguous = ['register|register-invalid/EventError@5', 'register/?@20'];
    const result = learned([ambiguous]);
    expect(result.differences).toEqual([]);
    const [edge] = result.edges.filter(({ count }) => count > 0);
    expect(edge?.input).toBe('register-invalid');
  });

  it('may show an answer and a close apart', () => {
    const result = learned([['not-json/EventError@5', 'silence/closed@20']]);
    expect(titles(result)).toEqual([]);
    expect(result.machine.states.map(({ name }) => name)).toContain('disconnected');
  });
});

describe('a difference', () => {
  it('has its shortest session, the number of sessions, and the first of them', () => {
    const acks = 'other/EventAck';
    const result = learned([
      ...good,
      ['register-invalid/EventError@2', `${acks}@9`],
      [refused, 'register-invalid/EventError@50', `${acks}@99`],
      ['register-invalid/EventError@3', `${acks}@8`],
    ]);
    expect(titles(result)).toEqual([
      'output other in awaiting/rejection: EventError, not EventAck',
    ]);
    const [difference] = result.differences;
    expect(difference).toMatchObject({
      sessions: 3,
      first: 5,
      witness: ['register-invalid', 'other'],
    });
    expect(difference?.example.name).toBe('session 5');
    expect(result.departed).toBe(3);
  });

  it('of a length has the observed times', () => {
    const result = learned([['silence/closed@300'], ['silence/closed@310']]);
    expect(titles(result)).toEqual([
      'length silence in awaiting/registration: closed after 400 ms, not closed after 300 to 310 ms',
    ]);
    expect(result.machine.states[0]?.timeout?.length).toBe(305);
  });

  it('is a clock that starts again with a later error', () => {
    const again = [refused, 'register-invalid/EventError@150', 'silence/closed@350'];
    expect(titles(learned([again]))).toEqual([
      'clock register-invalid in awaiting/rejection: keep, not start',
    ]);
  });

  it('is the same clock when the client outlives the deadline and goes on', () => {
    const again = [refused, 'other/EventError@150', 'other/EventError@300'];
    expect(titles(learned([again]))).toEqual([
      'clock other in awaiting/rejection: keep, not start',
    ]);
  });

  it('is a clock that the first error does not start', () => {
    expect(titles(learned([['other/EventError@100', 'silence/closed@400']]))).toEqual([
      'clock other in awaiting/registration: start, not keep',
    ]);
  });

  it('is a clock that runs on after the registration, in a separate state', () => {
    const result = learned([...good, [refused, 'register/EventAck@60', 'silence/closed@212']]);
    expect(titles(result)).toEqual(['clock register in awaiting/rejection: stop, not keep']);
    expect(differencesOf(figure, result.machine, 20).map(({ kind }) => kind)).toEqual(['timeout']);
  });

  it('is a close at once after an answer', () => {
    const result = learned([['register-invalid/EventError@5', 'silence/closed@7']]);
    expect(titles(result)).toEqual([
      'output register-invalid in awaiting/registration: EventError, not EventError closed',
    ]);
  });

  it('is a deadline that does not come', () => {
    expect(titles(learned([['other/EventError@900']]))[0]).toBe(
      'timeout silence in awaiting/registration: closed after 400 ms, not nothing within 900 ms',
    );
  });
});

describe('lengths that are not stated', () => {
  it('are measured, and later sessions are compared with them', () => {
    const closes = Array.from({ length: 25 }, (_, index) => [`silence/closed@${700 + index}`]);
    const result = learned([...closes, ['silence/closed@300']], measured);
    expect(result.lengths['awaiting/registration']).toBeGreaterThan(700);
    expect(titles(result).length).toBe(1);
    expect(result.differences[0]?.first).toBe(26);
  });

  it('stay unknown when sessions do not agree, which the result states', () => {
    const closes = Array.from({ length: 25 }, (_, index) => [`silence/closed@${100 + index * 90}`]);
    const result = learned(closes, measured);
    expect(result.differences).toEqual([]);
    expect(result.unknown).toEqual(['The timeout of awaiting/registration has no steady length.']);
  });
});

describe('what follows a departure', () => {
  it('is merged into the state of the figure that fits it, with its clock', () => {
    const result = learned([['other/EventAck@100', 'silence/closed@400']]);
    const [edge] = result.machine.states.map(({ edges }) => edges.other);
    expect(edge).toEqual({ to: 'awaiting/registration', output: 'EventAck', clock: 'keep' });
    expect(result.unknown).toEqual([]);
  });

  it('becomes a separate state when no state fits', () => {
    const result = learned([['other/EventAck@10', 'register/OtherEvent@50']]);
    expect(result.machine.states.map(({ name }) => name)).toContain(
      'after other in awaiting/registration',
    );
    expect(result.unknown).toEqual([
      'What follows other in awaiting/registration fits no state of the figure.',
    ]);
  });
});

describe('a busy machine', () => {
  const inTime = Array.from({ length: 20 }, () => [
    refused,
    'register-invalid/EventError@90',
    'silence/closed@211',
  ]);

  it('makes timeouts late, which does not count as a difference while most sessions agree', () => {
    const late = [refused, 'register-invalid/EventError@80', 'silence/closed@290'];
    const result = learned([...inTime, late]);
    expect(titles(result)).toEqual([]);
    expect(result.departed).toBe(0);
    expect(result.doubtful.map(({ sessions }) => sessions)).toEqual([1]);
  });

  it('never makes them early, or very late', () => {
    const early = [refused, 'silence/closed@100'];
    const very = [refused, 'silence/closed@900'];
    expect(learned([...inTime, early]).differences.length).toBe(1);
    expect(learned([...inTime, very])).toMatchObject({ departed: 1, doubtful: [] });
  });
});
