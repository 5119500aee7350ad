import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startVitest } from 'vitest/node';
import { configurations, type RegistrationEventType } from '../../machines/index.js';
import { choicesIn, draftOf } from '../../viz/src/simulator/choices.js';
import { add, type History, noHistory, redo, undo } from '../../viz/src/simulator/history.js';
import { type Input, simulate, simulatorView } from '../../viz/src/simulator/simulation.js';
import { asTest, eventOf } from '../../viz/src/simulator/snippet.js';
import { login, request } from './sessions.js';

const connect: Input = { kind: 'connect' };
const asks = (changes: object = {}): Input => ({
  kind: 'say',
  from: 'Client',
  message: request(1, changes),
});
const says: Input = { kind: 'say', from: 'Client', message: login(2) };
const wait = (ms: number): Input => ({ kind: 'wait', ms });
const answering = (answers: 'by-hand' | 'valid' | 'invalid' | 'silent'): Input => ({
  kind: 'answers',
  answers,
});

const names = (inputs: readonly Input[]) => simulate(inputs).steps.map(({ name }) => name);

describe('the simulator', () => {
  it('stands where the chart begins, and has a view before anything has happened', () => {
    const simulation = simulate([]);
    expect(simulation).toMatchObject({ configuration: 'connecting', deadline: null, elapsed: 0 });
    expect(simulatorView(simulation)).toMatchObject({
      origin: 'simulator',
      steps: [],
      now: 0,
      summary: { state: 'connecting', verdict: 'open' },
    });
  });

  it('lets time pass, and meets a deadline at its own millisecond', () => {
    const early = simulate([connect, wait(9_999)]);
    expect(early).toMatchObject({ configuration: 'awaiting/registration', deadline: 1 });
    const late = simulate([connect, wait(60_000)]);
    expect(late.configuration).toBe('disconnected');
    expect(late.steps.at(-1)).toMatchObject({ elapsed: 10_000, reason: 'registration-timeout' });
    expect(simulatorView(early).now).toBe(9_999);
  });

  it.each([
    ['by-hand', ['Connected', 'RequestRegisterClient']],
    ['silent', ['Connected', 'RequestRegisterClient']],
    ['valid', ['Connected', 'RequestRegisterClient', 'EventAck']],
    ['invalid', ['Connected', 'RequestRegisterClient', 'EventError']],
  ] as const)('answers a registration as a gate would: %s', (mode, expected) => {
    expect(names([answering(mode), connect, asks()])).toEqual(expected);
  });

  it('answers what a gate answers whoever its validator lets in', () => {
    const wrong = simulate([answering('valid'), connect, asks({ clientType: 'Toaster' })]);
    expect(wrong.steps.at(-1)?.payload).toMatchObject({ messageName: 'EventError', errorCode: 3 });
    const unregistered = simulate([answering('silent'), connect, says]);
    expect(unregistered.steps.at(-1)?.payload).toMatchObject({ errorCode: 1, referenceId: 2 });
    const again = simulate([answering('valid'), connect, asks(), asks()]);
    expect(again.steps.at(-1)?.payload).toMatchObject({ errorCode: 4 });
    expect(again.configuration).toBe('registered');
  });

  it('can be told to answer in the middle, from then on', () => {
    expect(names([connect, says, answering('invalid'), asks()])).toEqual([
      'Connected',
      'RequestAgentLogin',
      'RequestRegisterClient',
    ]);
  });
});

describe('undo and redo', () => {
  const inputs = [connect, answering('invalid'), wait(250), asks(), wait(1_000), says, wait(9_000)];

  it('play the same inputs and give the same session, step for step', () => {
    let history: History = inputs.reduce(add, noHistory);
    const whole = simulate(history.done);
    const seen = [whole];
    for (const _ of inputs) {
      history = undo(history);
      seen.unshift(simulate(history.done));
    }
    expect(history.done).toEqual([]);
    expect(undo(history)).toBe(history);
    for (const expected of seen.slice(1)) {
      history = redo(history);
      expect(simulate(history.done)).toEqual(expected);
    }
    expect(redo(history)).toBe(history);
    expect(simulate(history.done)).toEqual(whole);
    expect(whole.configuration).toBe('disconnected');
  });

  it('forget what was taken back once something else is done', () => {
    const history = add(undo(add(add(noHistory, connect), asks())), says);
    expect(history).toEqual({ done: [connect, says], undone: [] });
  });
});

describe('the choices', () => {
  const legalIn = (configuration: (typeof configurations)[number]) =>
    choicesIn(configuration)
      .filter(({ legal }) => legal)
      .map(({ type }) => type);

  it('are every event in every configuration, the legal ones first, each with the chart’s words', () => {
    for (const configuration of configurations) {
      const choices = choicesIn(configuration);
      expect(choices).toHaveLength(configuration === 'disconnected' ? 0 : 7);
      const legal = choices.map((choice) => choice.legal);
      expect(legal).toEqual([...legal].sort((a, b) => Number(b) - Number(a)));
      expect(choices.every(({ says: words }) => words.length > 10)).toBe(true);
    }
  });

  it('are legal where an edge is drawn', () => {
    expect(legalIn('connecting')).toEqual(['Connected', 'Disconnected']);
    expect(legalIn('awaiting/registration')).toEqual([
      'RequestRegisterClient',
      'OtherMessage',
      'EventError',
      'Disconnected',
    ]);
    expect(legalIn('validating/rejection')).toEqual(['EventAck', 'EventError', 'Disconnected']);
    expect(legalIn('registered')).not.toContain('Connected');
  });

  it('bring a new reference id for the client and the owed one for the server', () => {
    const { steps, configuration } = simulate([connect, asks(), wait(5)]);
    const draft = (type: RegistrationEventType) => draftOf(type, steps, configuration);
    expect(draft('OtherMessage')).toMatchObject({ referenceId: 2 });
    expect(draft('EventAck')).toEqual({ messageName: 'EventAck', referenceId: 1 });
    expect(draft('EventError')).toMatchObject({ errorCode: 2, referenceId: 1 });
    expect(draft('Disconnected')).toBeNull();
  });
});

describe('a session copied as a test', () => {
  let folder = '';
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('names the events and the times it was made of', () => {
    const simulation = simulate([
      connect,
      wait(250),
      asks({ clientName: 'O\'Brien "x"\n', 'odd key': [1, null] }),
      answering('by-hand'),
      { kind: 'end', reason: 'peer-closed' },
    ]);
    const text = asTest(simulation, {
      delays: { registrationTimeout: 1, rejectionTimeout: 2 },
      startedAt: 0,
    });
    expect(text).toContain("session.send({ type: 'Connected' });");
    expect(text).toContain('clock.increment(250);');
    expect(text).toContain(`clientName: 'O\\'Brien "x"\\n'`);
    expect(text).toContain("'odd key': [1, null]");
    expect(text).toContain("session.send({ type: 'Disconnected', reason: 'peer-closed' });");
    expect(text).toContain('registrationTimeout: 1, rejectionTimeout: 2');
    expect(simulation.steps.map((step) => eventOf(step).type)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'Disconnected',
    ]);
  });

  it('passes when vitest runs it, and fails when the chart would do something else', async () => {
    const inputs = [
      answering('invalid'),
      connect,
      wait(100),
      asks(),
      wait(1_250),
      says,
      wait(9_000),
    ];
    const simulation = simulate(inputs);
    expect(simulation.configuration).toBe('disconnected');
    const text = asTest(simulation, {
      delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
      startedAt: 0,
    });
    folder = await mkdtemp(join(process.cwd(), 'test/viz/snippet-'));
    const wrong = text.replace("toBe('refusing/rejection')", "toBe('registered')");
    expect(wrong).not.toBe(text);
    await writeFile(join(folder, 'right.test.ts'), text);
    await writeFile(join(folder, 'wrong.test.ts'), wrong);
    const vitest = await startVitest('test', [folder], {
      config: false,
      watch: false,
      reporters: [{}],
      include: ['**/*.test.ts'],
    });
    const states = vitest.state
      .getFiles()
      .map(({ name, result }) => [name.split('/').at(-1), result?.state]);
    await vitest.close();
    process.exitCode = 0;
    expect(Object.fromEntries(states)).toEqual({
      'right.test.ts': 'pass',
      'wrong.test.ts': 'fail',
    });
  });
});
