import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  type Case,
  type Criterion,
  criteria,
  parseCriterion,
  readSuite,
  ServerModel,
  SuiteFileError,
  serverInputNames,
  serverInputs,
  suiteOf,
  suiteText,
} from '../../../machines/index.js';

const model = new ServerModel();
const all: Criterion[] = ['states', 'transitions', 'pairs', 'w0', 'w1', 'w2', 'random:200'];
const errorsIn = ({ steps }: Case) => steps.filter(({ output }) => output.includes('EventError'));

describe('the suites of the server', () => {
  it('have the sizes in docs/suites.md', async () => {
    const page = await readFile('docs/suites.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| .* \| (\d+) \| (\d+) \|$/gm)];
    expect(rows.map(([, criterion]) => criterion)).toEqual(Object.keys(criteria).slice(0, -1));
    for (const [, criterion, cases, steps] of rows) {
      const suite = suiteOf(model, criterion as Criterion);
      expect([criterion, `${suite.cases}`, `${suite.steps}`]).toEqual([criterion, cases, steps]);
    }
    for (const [input, about] of Object.entries(serverInputs)) {
      expect(page).toContain(`| \`${input}\` | ${about} |`);
    }
  });

  it.each(all)(
    '%s: the header has the right counts, and the suite is equal each time',
    (criterion) => {
      const suite = suiteOf(model, criterion);
      const made = [...suite];
      expect(suite.cases).toBe(made.length);
      expect(suite.steps).toBe(made.reduce((sum, { steps }) => sum + steps.length, 0));
      expect([...suite]).toEqual(made);
      expect([...suiteText(suiteOf(new ServerModel(), criterion))].join('')).toBe(
        [...suiteText(suite)].join(''),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
    },
  );

  it.each(all)(
    '%s: no connection has more errors than a gate allows, or continues after its end',
    (criterion) => {
      for (const one of suiteOf(model, criterion)) {
        expect(errorsIn(one).length).toBeLessThanOrEqual(12);
        expect(one.steps.length).toBeLessThanOrEqual(20);
        const over = one.steps.findIndex(({ to }) => to === 'disconnected');
        expect([-1, one.steps.length - 1]).toContain(over);
      }
    },
  );

  it('each message and each invalid frame is sent in each configuration, and each deadline is approached from both sides', () => {
    const said = new Set(
      [...suiteOf(model, 'transitions')].flatMap(({ steps }) =>
        steps.map(({ from, input }) => `${from} ${input}`),
      ),
    );
    for (const from of ['awaiting/registration', 'awaiting/rejection', 'registered']) {
      for (const input of serverInputNames) expect(said).toContain(`${from} ${input}`);
    }
  });

  it('a random suite differs for another seed, and has its seed', () => {
    const ids = (seed: number) => [...suiteOf(model, 'random:50', { seed })].map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    expect(suiteOf(model, 'random:50', { seed: 7 }).seed).toBe(7);
    expect(suiteOf(model, 'w1').seed).toBe(null);
  });

  it('a random suite ends when the machine has no more sequences', () => {
    const small = new ServerModel({ inputs: ['not-json', 'wait'] });
    const suite = suiteOf(small, 'random:1000');
    expect(suite.cases).toBeLessThan(1_000);
    expect([...suite]).toHaveLength(suite.cases);
  });

  it('the guarantee names the number of states', () => {
    expect(suiteOf(model, 'w1').guarantee).toMatch(
      /^finds every wrong output and every wrong target in deterministic servers with up to n \+ 1 = 5 states over this alphabet of 10 inputs; it does not test/,
    );
    expect(suiteOf(model, 'random:5').guarantee).toContain('guarantees nothing');
    expect(suiteOf(new ServerModel({ answers: 'any' }), 'w0').guarantee).toMatch(
      /^finds every wrong output except the answers of the service and every wrong target/,
    );
  });
});

describe('a criterion', () => {
  it('is parsed', () => {
    for (const name of Object.keys(criteria)) {
      const text = name === 'random:N' ? 'random:100000' : name;
      expect(parseCriterion(text)).toBe(text);
    }
  });

  it.each([
    'w3',
    'W1',
    '',
    'random',
    'random:N',
    'random:0',
    'random:-1',
    'random:1.5',
    'random:01',
    'random:100001',
    'random:9999999999999',
    'toString',
  ])('%j is rejected', (text) => {
    expect(() => parseCriterion(text)).toThrow(
      `there is no criterion ${JSON.stringify(text)}; allowed: states, transitions, pairs, w0, w1, w2, random:N with N from 1 to 100000`,
    );
    expect(() => suiteOf(model, text as Criterion)).toThrow(RangeError);
  });

  it.each([-1, 1.5, 2 ** 32, Number.NaN])('the seed %d is rejected', (seed) => {
    expect(() => suiteOf(model, 'random:5', { seed })).toThrow('invalid seed');
  });
});

describe('a suite file', () => {
  const lines = () => [...suiteText(suiteOf(model, 'w0'))];
  const read = async (written: readonly string[]) => {
    const { header, cases } = await readSuite(written);
    const found: Case[] = [];
    for await (const one of cases) found.push(one);
    return { header, cases: found };
  };
  const problemOf = async (written: readonly string[]): Promise<SuiteFileError> => {
    try {
      await read(written);
    } catch (error) {
      if (error instanceof SuiteFileError) return error;
      throw error;
    }
    throw new Error('it was read');
  };
  const edited = (line: number, edit: (text: string) => string) =>
    lines().map((text, at) => (at === line - 1 ? edit(text) : text));

  it('is read as it was written', async () => {
    const suite = suiteOf(model, 'w0');
    const { header, cases } = await read(lines());
    expect(cases).toEqual([...suite]);
    expect(header).toEqual(JSON.parse(lines()[0] ?? ''));
    expect(header).toMatchObject({ criterion: 'w0', guarantee: suite.guarantee, cases: 28 });
  });

  it('may have a byte order mark, CRLF and empty lines', async () => {
    const written = lines().flatMap((line) => [line.replace('\n', '\r\n'), '\r\n']);
    expect((await read([`\uFEFF${written[0]}`, ...written.slice(1)])).cases).toHaveLength(28);
  });

  it.each<[string, () => string[], number, string]>([
    [
      'an empty file',
      () => [],
      1,
      'the file is empty: not a suite file of ixgate (generate one with ixgate generate --format json)',
    ],
    ['a text', () => ['hello\n'], 1, 'not JSON: not a suite file of ixgate'],
    ['a list', () => ['[1]\n'], 1, 'expected a JSON object: not a suite file'],
    ['a recording', () => ['{"seq":1}\n'], 1, 'no field suite: not a suite file'],
    [
      'another version',
      () => edited(1, (text) => text.replace('"suite":1', '"suite":2')),
      1,
      'a suite of version 2; this ixgate reads version 1: generate it again',
    ],
    [
      'an unknown criterion',
      () => edited(1, (text) => text.replace('"w0"', '"w9"')),
      1,
      'criterion is "w9"; allowed: a criterion, e.g. w1',
    ],
    [
      'no inputs',
      () => edited(1, (text) => text.replace(/"inputs":\[[^\]]*\]/, '"inputs":[]')),
      1,
      'inputs is a list; allowed: one input or more',
    ],
    [
      'a line that is cut off',
      () => edited(5, (text) => text.slice(0, 40)),
      5,
      'not JSON: the file is damaged, generate it again',
    ],
    [
      'an unknown input',
      () => edited(3, (text) => text.replace('"input":"register"', '"input":"sing"')),
      3,
      'steps.0.input is "sing"; allowed: register, register-invalid',
    ],
    [
      'an input outside of the alphabet',
      () => edited(1, (text) => text.replace('"register",', '')),
      2,
      'the input register is not among the inputs of the suite',
    ],
    [
      'an id that is another',
      () => edited(4, (text) => text.replace('"id":"', '"id":"x')),
      4,
      'does not match its inputs',
    ],
    [
      'a case without steps',
      () => edited(6, () => '{"id":"","steps":[]}'),
      6,
      'steps is a list; allowed: one step or more',
    ],
    [
      'a case without id',
      () => edited(6, () => '{"steps":[]}'),
      6,
      'no id: the file is damaged, generate it again',
    ],
    [
      'a file that ends too early',
      () => lines().slice(0, 20),
      20,
      'the suite has 19 cases, but its header says 28: the file is cut off',
    ],
  ])('reports %s with its line and the remedy', async (_name, written, line, message) => {
    const problem = await problemOf(written());
    expect(problem.code).toBe('BAD_SUITE');
    expect(problem.line).toBe(line);
    expect(problem.message).toMatch(new RegExp(`^line ${line}: `));
    expect(problem.message).toContain(message);
  });
});
