/** A learned machine leaves for other tools, and means the same there. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import { machineText } from '../../../machines/engine/learning/formats.js';
import type { TimedMachine } from '../../../machines/engine/learning/timed-machine.js';
import { expectedRegistration } from '../../../machines/registration/sut/expected.js';

const delays = { registrationTimeout: 400, rejectionTimeout: 200 };
const machine = expectedRegistration({ delays });

/** The connect clock runs on in the second state. */
const carried: TimedMachine = {
  initial: 'new/one',
  inputs: ['ask', 'again'],
  states: [
    {
      name: 'new/one',
      isClosed: false,
      timeout: { to: 'over', output: 'closed', clock: 'stop', length: 400 },
      edges: { ask: { to: 'asked', output: 'Answer', clock: 'keep' } },
    },
    {
      name: 'asked',
      isClosed: false,
      timeout: { to: 'over', output: 'closed', clock: 'stop', length: 400 },
      edges: { again: { to: 'asked', output: '', clock: 'start' } },
    },
    { name: 'over', isClosed: true, timeout: null, edges: {} },
  ],
};

describe('as DOT', () => {
  const text = machineText(machine, 'dot');
  const edges = [...text.matchAll(/^ {2}(\w+) -> (\w+) \[label="([^"/]*)\/([^"/]*)"\];$/gm)];

  it('has one state and one edge a line, in the form that other tools load', () => {
    expect(text).toMatch(
      /^digraph learned \{\n {2}s0 \[label="s0", tooltip="awaiting\/registration"\];/,
    );
    expect(text).toMatch(/ {2}__start0 -> s0;\n\}\n$/);
    expect(text.match(/^ {2}s\d+ \[/gm)?.length).toBe(4);
    const [closed, ...open] = [...machine.states].reverse();
    expect(closed?.isClosed).toBe(true);
    const count = open.reduce((sum, state) => {
      return sum + Object.keys(state.edges).length + (state.timeout ? 1 : 0);
    }, 0);
    expect(edges.length).toBe(count);
  });

  it('is deterministic: no state has two edges of one input', () => {
    const keys = edges.map(([, from, , input]) => `${from} ${input}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(
      edges.map(([, from, to, input, output]) => `${from} ${to} ${input} ${output}`),
    ).toContain('s0 s3 silence closed after 400 ms');
  });
});

it('as Mermaid it has every state, and the clocks in words', () => {
  const text = machineText(machine, 'mermaid');
  expect(text).toMatch(/^stateDiagram-v2\n {2}state "awaiting\/registration" as s0\n/);
  expect(text).toContain('s0 --> s2 : other / EventError, start clock');
  expect(text).toContain('s2 --> s2 : other / EventError, keep clock');
  expect(text).toContain('s2 --> s3 : closed after 200 ms');
  expect(text).toContain('s3 --> [*]');
});

it('as JSON it is the machine', () => {
  expect(JSON.parse(machineText(machine, 'json'))).toEqual(machine);
});

describe('as a module for XState', () => {
  // Inside of the project, so that the module finds xstate.
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(import.meta.dirname, 'module-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function started(from: TimedMachine, name: string) {
    const path = join(folder, `${name}.mjs`);
    await writeFile(path, machineText(from, 'xstate'));
    const module = (await import(pathToFileURL(path).href)) as { default: AnyStateMachine };
    const clock = new SimulatedClock();
    const actor = createActor(module.default, { clock });
    actor.start();
    return { actor, clock, value: () => actor.getSnapshot().value };
  }

  it('runs with its timeouts: a later error keeps the clock', async () => {
    const { actor, clock, value } = await started(machine, 'registration');
    clock.increment(300);
    actor.send({ type: 'other' });
    clock.increment(150);
    actor.send({ type: 'other' });
    expect(value()).toBe('awaiting/rejection');
    clock.increment(49);
    expect(actor.getSnapshot().status).toBe('active');
    clock.increment(1);
    expect(actor.getSnapshot().status).toBe('done');
  });

  it('stops the clock at the registration', async () => {
    const { actor, clock, value } = await started(machine, 'registration');
    actor.send({ type: 'register' });
    clock.increment(10_000);
    expect(value()).toBe('registered');
  });

  it('starts the clock of a state again where an edge does', async () => {
    const [first, ...others] = machine.states;
    const edge = { to: machine.initial, output: '', clock: 'start' } as const;
    const again = {
      ...machine,
      states: [{ ...first, edges: { other: edge } }, ...others],
    } as TimedMachine;
    const { actor, clock, value } = await started(again, 'again');
    clock.increment(300);
    actor.send({ type: 'other' });
    clock.increment(399);
    expect(value()).toBe(machine.initial);
    clock.increment(1);
    expect(actor.getSnapshot().status).toBe('done');
  });

  it('carries a clock from state to state, and starts it again', async () => {
    const kept = await started(carried, 'carried');
    kept.clock.increment(300);
    kept.actor.send({ type: 'ask' });
    kept.clock.increment(99);
    expect(kept.value()).toBe('asked');
    kept.clock.increment(1);
    expect(kept.actor.getSnapshot().status).toBe('done');

    const again = await started(carried, 'carried');
    again.actor.send({ type: 'ask' });
    again.clock.increment(300);
    again.actor.send({ type: 'again' });
    again.clock.increment(399);
    expect(again.value()).toBe('asked');
    again.clock.increment(1);
    expect(again.actor.getSnapshot().status).toBe('done');
  });
});
