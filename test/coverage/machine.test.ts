/** `ixgate coverage --machine`: how much of a machine of the user was used. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { loadMachine } from '../../adapters/charts/index.js';
import {
  chartCoverage,
  coverageText,
  modelOf,
  suiteOf,
  suiteText,
} from '../../machines/entry/model.js';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

const form = `import { setup } from 'xstate';
export const form = setup({
  guards: { isComplete: ({ event }) => event.name !== '' },
  actions: { send: () => { throw new Error('no action runs'); } },
}).createMachine({
  id: 'form',
  initial: 'editing',
  states: {
    editing: {
      on: {
        SUBMIT: [{ guard: 'isComplete', target: 'sending' }, { target: 'invalid', description: 'an empty name' }],
      },
    },
    invalid: { on: { EDIT: 'editing' } },
    sending: { entry: 'send', after: { 1000: 'failed' }, on: { SENT: 'sent' } },
    failed: { on: { EDIT: 'editing' } },
    sent: { type: 'final' },
  },
});
export const door = setup({}).createMachine({ id: 'door', initial: 'open', states: { open: { on: { SHUT: 'shut' } }, shut: {} } });
export const needy = setup({}).createMachine({ id: 'needy', context: ({ input }) => ({ name: input.name.trim() }), initial: 'a', states: { a: { on: { X: 'b' } }, b: {} } });
export const ixgate = { payloads: { SUBMIT: [{ name: '' }, { name: 'x' }] } };
`;

const events = `{"start":true}
{"type":"SUBMIT","name":"x"}
{"type":"xstate.after.1000.form.sending"}
{"type":"EDIT"}

{"type":"SUBMIT","name":"y"}
{"type":"SENT"}
{"type":"SENT"}
`;

const run = (...args: string[]) => ixgate(['coverage', '--machine', ...args], { cwd: folder.path });
const write = (name: string, text: string) => writeFile(join(folder.path, name), text);

beforeAll(async () => {
  await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
  await write('form.ts', form);
  await write('events.jsonl', events);
  const options = { cwd: folder.path };
  const { machine } = await loadMachine('form.ts#form', options);
  const model = modelOf(machine, { payloads: { SUBMIT: [{ name: '' }, { name: 'x' }] } });
  await write('form.suite.jsonl', [...suiteText(suiteOf(model, 'transitions'))].join(''));
  const { machine: door } = await loadMachine('form.ts#door', options);
  const coverage = chartCoverage(door);
  createActor(door, coverage).start().send({ type: 'SHUT' });
  await write('door.json', coverageText(coverage));
});

describe('ixgate coverage --machine', () => {
  it('of a list of events prints what they cover, without running an action', async () => {
    const { code, stdout, stderr } = await run('form.ts#form', 'events.jsonl');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `machine form
states            4 of 5
transitions       4 of 6
results of guards 1 of 2
pairs of steps    3 of 8
sessions seen     2
steps seen        5

not covered: states
  invalid

not covered: transitions
  editing:SUBMIT (2)   an empty name
  invalid:EDIT

not covered: results of guards
  editing:SUBMIT is false   isComplete

not covered: pairs of steps
  editing:SUBMIT (2) > invalid:EDIT
  invalid:EDIT > editing:SUBMIT (2)
  invalid:EDIT > editing:SUBMIT
  failed:EDIT > editing:SUBMIT (2)
  failed:EDIT > editing:SUBMIT
`,
    );
  });

  it('adds a suite of the machine, coverage files, and folders, and writes the sum', async () => {
    await mkdir(join(folder.path, 'day'), { recursive: true });
    await write('day/suite.jsonl', await readFile(join(folder.path, 'form.suite.jsonl'), 'utf8'));
    await write('day/events.jsonl', `\uFEFF${events.replaceAll('\n', '\r\n')}`);
    await write('day/README.md', '# Monday\n');
    const args = ['form.ts#form', 'day', '--out', 'sum.json'];
    const { code, stdout } = await run(...args, '--json', '--min-states', '100');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      machine: 'form',
      states: { covered: 5, of: 5, missing: [] },
      transitions: { covered: 6, of: 6 },
      guards: { covered: 2, of: 2 },
      unreached: [],
      files: [
        { path: 'day/events.jsonl', kind: 'events', sessions: 2, steps: 5 },
        { path: 'day/suite.jsonl', kind: 'suite' },
      ],
      below: [],
      written: 'sum.json',
    });
    const again = await run('form.ts#form', 'sum.json', '--json');
    const { files: _, below: __, written: ___, ...sum } = JSON.parse(stdout);
    expect(JSON.parse(again.stdout)).toMatchObject(sum);
  });

  it('exits with 1 below a minimum, which is exact', async () => {
    const low = await run('form.ts#form', 'events.jsonl', '--min-states', '80.1');
    expect(low.code).toBe(6);
    expect(low.stdout).toContain('\nstates: 80 % are covered, the minimum is 80.1 %\n');
    const limits = ['--min-states', '80', '--min-transitions', '66.6'];
    expect((await run('form.ts#form', 'events.jsonl', ...limits)).code).toBe(0);
    const both = await run('form.ts#form', 'events.jsonl', '--min-transitions', '66.7', '--json');
    expect(both.code).toBe(6);
    expect(JSON.parse(both.stdout).below).toEqual([
      'transitions: 66.6 % are covered, the minimum is 66.7 %',
    ]);
  });

  it('gives a machine its input, and tells when it needs one', async () => {
    await write('x.jsonl', '{"type":"X"}\n');
    const without = await run('form.ts#needy', 'x.jsonl');
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /^ixgate: x\.jsonl:1: the machine needy fails at its start: .*\. If it needs input, give it \(--input\)\n$/,
    );
    const { code, stdout } = await run('form.ts#needy', 'x.jsonl', '--input', '{"name":"n"}');
    expect(code).toBe(0);
    expect(stdout).toContain('transitions       1 of 1\n');
    expect(stdout).not.toContain('guards');
    await write('init.jsonl', '{"type":"xstate.init","input":{"name":"n"}}\n{"type":"X"}\n');
    expect((await run('form.ts#needy', 'init.jsonl')).stdout).toContain(
      'pairs are not compared: the chart needy fails at its start',
    );
  });

  it.each<[string, string, string]>([
    ['', 'door.json: counts the machine "door", and not the machine "form"', 'door.json'],
    ['', 'is empty: there is nothing to count in it', 'empty.jsonl'],
    [
      'hello\n',
      'a coverage file, a suite, a recording or a list of events (line 1: not a JSON object',
      'a.txt',
    ],
    ['{"type":"X"}\n[1]\n', 'b.jsonl:2: "[1]" is unknown; expected an event', 'b.jsonl'],
    ['{"type":"*"}\n', 'c.jsonl:1: the machine fails at the event "*"', 'c.jsonl'],
    [
      '{"suite":1,"machine":"door","cases":0}\n',
      'the suite is of the machine "door", and not of the machine "form"',
      'd.jsonl',
    ],
    ['{"suite":1,"cases":0}\n', 'the suite is of the registration chart', 'e.jsonl'],
    ['{"suite":1,"machine":"form","cases":1}\n', 'has 0 of 1 cases: it is cut off', 'f.jsonl'],
    [
      '{"suite":1,"machine":"form","cases":1}\n{"steps":[{"edges":1}]}\n',
      'g.jsonl:2: the suite is damaged',
      'g.jsonl',
    ],
    ['{"coverage":1,"seats":{}}\n', 'counts the registration chart', 'h.json'],
  ])('refuses %j: %s', async (text, problem, name) => {
    if (name !== 'door.json') await write(name, text);
    const { code, stderr } = await run('form.ts#form', name);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it('refuses options that do not fit', async () => {
    const { code, stderr } = await ixgate(['coverage', 'x.json', '--input', '1']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'ixgate: --input needs --machine FILE\n' });
    const percent = await run('form.ts#form', 'events.jsonl', '--min-states', '101');
    expect(percent.stderr).toBe('ixgate: --min-states is "101"; expected a number from 0 to 100\n');
    const other = await ixgate(['coverage', join(folder.path, 'door.json')]);
    expect(other.stderr).toContain(
      'counts the machine "door", and not the registration chart. Give its machine (--machine)',
    );
  });
});
