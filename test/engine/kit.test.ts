/** A protocol is made of a description, and a description that does not fit together says what to fix. */
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { checkProtocol } from '../../machines/engine/kit/check-protocol.js';
import { defineProtocol } from '../../machines/engine/kit/define-protocol.js';
import type { ProtocolDefinition } from '../../machines/engine/kit/definition.js';
import { StatementReport } from '../../machines/engine/kit/statements.js';
import { caseOf } from '../../machines/engine/testgen/index.js';

/** A server that greets, counts two requests, and ends silent sessions. */
const machine = setup({
  types: { context: {} as { count: number } },
  delays: { idle: 1_000 },
  actions: { greet() {}, answer() {}, bye() {} },
  guards: { isSecond: ({ context }) => context.count === 1 },
}).createMachine({
  id: 'counting',
  context: { count: 0 },
  initial: 'new',
  states: {
    new: {
      on: {
        greeting: { target: 'open', actions: 'greet' },
        ask: { target: 'ended', actions: 'bye' },
      },
    },
    open: {
      after: { idle: { target: 'ended', actions: 'bye' } },
      on: {
        greeting: {},
        ask: [
          { guard: 'isSecond', target: 'ended', actions: ['answer', 'bye'] },
          {
            target: 'open',
            reenter: true,
            actions: [assign({ count: 1 }), 'answer'],
          },
        ],
      },
    },
    ended: { type: 'final' },
  },
});

const definition = {
  name: 'counting',
  title: 'Counting',
  system: 'Counter',
  machine,
  inputs: { greeting: 'waits for the greeting', ask: 'asks' },
  outputs: () => ({ greet: 'HELLO', answer: ['ONE', 'ANY'], bye: 'closed' }),
  timers: { idle: 1_000 },
  statements: () => [
    { id: 'S1', sentence: 'it answers', edges: ['open:ask (2)'] },
    { id: 'S2', sentence: 'it ends silent sessions', edges: ['open:idle'] },
    { id: 'S3', sentence: 'it expects a greeting', edges: ['new:ask'] },
  ],
} satisfies ProtocolDefinition<'greeting' | 'ask'>;

describe('a protocol', () => {
  const model = defineProtocol(definition).model();

  it('expects outputs in the words of its description', () => {
    const steps = model.expect(['greeting', 'ask', 'wait', 'silence']);
    expect(steps.map(({ output }) => output)).toEqual(['HELLO', 'ONE', '', 'closed']);
    expect(steps.map((step) => model.allowed(step))).toEqual([
      ['HELLO'],
      ['ONE', 'ANY'],
      [''],
      ['closed'],
    ]);
  });

  it('takes other lengths of timers', () => {
    expect(defineProtocol(definition).model({}, { timers: { idle: 300 } }).margin).toBe(30);
  });

  it('finds a session that never ends', () => {
    const { results } = checkProtocol([{ id: 'end', sentence: 'it ends', ends: true }], model);
    // Nothing ends a session in which the client never speaks.
    expect(results[0]?.counterexample).toEqual([]);
  });

  it('judges statements by the transitions of the cases, the shortest case first', () => {
    const report = new StatementReport(model);
    report.add(caseOf(model, ['greeting', 'ask', 'ask']), null);
    report.add(caseOf(model, ['greeting', 'ask', 'silence']), { at: 2, observed: '' });
    report.add(caseOf(model, ['greeting', 'wait']), { at: 1, observed: 'closed' });
    const verdicts = report.verdicts(definition.statements());
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['holds', 'differs', 'not tested']);
    expect(verdicts[1]).toMatchObject({
      failed: 2,
      shortest: { case: { id: 'greeting,wait' }, at: 1 },
    });
    expect(report.others(definition.statements())).toEqual([]);
  });
});

describe('a description that does not fit together', () => {
  const { ask: _, ...withoutAsk } = definition.inputs;
  it.each([
    [{ inputs: withoutAsk }, 'the event ask of the machine has no entry in inputs; add one'],
    [{ inputs: { ...definition.inputs, say: 'says' } }, 'the machine has no event say; allowed: '],
    [{ timers: {} }, 'the timer idle is undefined; expected milliseconds, more than 0, in timers'],
    [{ timers: { idle: 0 } }, 'the timer idle is 0; expected milliseconds, more than 0, in timers'],
    [{ chosenByServer: ['ilde'] }, 'chosenByServer has ilde; allowed: idle'],
    [
      { outputs: () => ({ greet: '', bye: '' }) },
      "the action answer has no entry in outputs; add one, '' for nothing",
    ],
    [
      { outputs: () => ({ greet: 'HELLO WORLD', answer: '', bye: '' }) },
      'the output "HELLO WORLD" of greet has a space; expected one word',
    ],
    [
      {
        figures: () => [{ id: '1', title: '', source: '', steps: [{ input: 'aks', output: '' }] }],
      },
      'figure 1 has the input aks; allowed: greeting, ask, wait, silence',
    ],
    [
      { statements: () => [{ id: 'S1', sentence: '', edges: ['open:aks'] }] },
      'statement S1 has the transition open:aks; allowed: new:greeting, ',
    ],
  ])('is refused: %#', (change, problem) => {
    const wrong = { ...definition, ...change } as ProtocolDefinition;
    expect(() => defineProtocol(wrong)).toThrow(`protocol counting: ${problem}`);
    expect(() => defineProtocol(wrong)).toThrow(expect.objectContaining({ code: 'BAD_PROTOCOL' }));
  });
});
