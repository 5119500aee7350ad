/** `check`, `generate` and `mutate` with `--machine`, as users call them. */
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate } from '../in-process.js';

const example = (name: string) => resolve('examples/charts', `${name}.ts`);
const light = example('traffic-light');
const form = example('multi-step-form');

describe('ixgate check --machine', () => {
  it('checks the properties of the module, and those of options', async () => {
    const { code, stdout, stderr } = await ixgate(['check', '--machine', light]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('trafficLight: 5 states, 10 transitions, 4 timers');
    expect(stdout).toMatch(/holds +never +cars and pedestrians go/);
    expect(stdout).toContain('3 of 3 properties hold');
  });

  it('shows the shortest way to a violation, and exits with 6', async () => {
    const { code, stdout } = await ixgate(['check', '--machine', light, '--never', 'red.wait']);
    expect(code).toBe(6);
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    const at = lines.indexOf('VIOLATED never red.wait');
    expect(lines.slice(at + 1, at + 5)).toEqual([
      'start -> green',
      'POWER_OFF -> dark',
      'POWER_ON -> red.walk',
      'walkTime -> red.wait countDown',
    ]);
  });

  it('says where a chart may stay for ever', async () => {
    const args = ['check', '--machine', light, '--leads-to', 'dark,green', '--json'];
    const { code, stdout } = await ixgate(args);
    expect(code).toBe(6);
    const verdict = JSON.parse(stdout).verdicts.find(({ name }: never) => name === 'dark,green');
    expect(verdict.counterexample).toMatchObject({
      steps: [{ input: 'POWER_OFF', to: 'dark' }],
      forEver: [],
    });
  });

  it('names the guards that were never true or false', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ixgate-'));
    const events = join(folder, 'events.jsonl');
    await writeFile(events, '{"type":"NEXT","name":"Ada"}\n{"type":"NEXT","age":17}\n');
    const plain = join(folder, 'form.ts');
    const source = (await readFile(form, 'utf8')).replace(/export const ixgate[\s\S]*/, '');
    await writeFile(plain, source);
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    const without = await ixgate(['check', '--machine', plain]);
    expect(without.stdout).toContain('note: the guard isAdult of age:NEXT was never asked');
    const args = ['check', '--machine', plain, '--events', events];
    const { stdout } = await ixgate(args);
    expect(stdout).toContain('note: the guard isAdult of age:NEXT was never true');
    expect(stdout).not.toContain('hasName');
  });

  it.each([
    [
      ['--machine', light, '--bound', '4'],
      '--bound belongs to the registration chart; leave it out with --machine',
    ],
    [['--never', 'dark'], '--never needs --machine FILE'],
    [
      ['--machine', light, '--never', 'drak'],
      'the chart has no state "drak"; it has green, yellow, red',
    ],
    [
      ['--machine', light, '--leads-to', 'red'],
      '--leads-to is "red"; expected two states or tags with a comma',
    ],
    [['--machine', light, '--events', '/nowhere.json'], '--events /nowhere.json: cannot be read'],
    [
      ['--machine', light, '--outputs', 'colour'],
      '--outputs has "colour"; allowed: actions, value, tags',
    ],
    [['--machine', '/nowhere.ts'], '/nowhere.ts'],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await ixgate(['check', ...args]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });
});

describe('ixgate generate --machine', () => {
  it('writes a suite, and says what it finds', async () => {
    const out = await mkdtemp(join(tmpdir(), 'ixgate-'));
    const { code, stdout } = await ixgate(['generate', '--machine', light, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toContain('transitions: 2 cases with 22 inputs, written to');
    const [header = '', first = ''] = (
      await readFile(join(out, 'trafficLight.transitions.suite.jsonl'), 'utf8')
    ).split('\n');
    expect(JSON.parse(header)).toMatchObject({
      machine: 'trafficLight',
      outputs: 'actions,value',
      cases: 2,
    });
    expect(JSON.parse(first).steps[0]).toMatchObject({ input: 'POWER_OFF', output: 'in dark' });
  });

  it('names all options in the first line, so that the same file can be generated again', async () => {
    const out = await mkdtemp(join(tmpdir(), 'ixgate-'));
    const more = ['--outputs', 'value,tags', '--enabled-only', '--max-length', '5'];
    const args = ['--machine', 'examples/charts/traffic-light.ts', ...more, '--format', 'vitest'];
    await ixgate(['generate', ...args, '--out', out]);
    const text = await readFile(join(out, 'trafficLight.transitions.test.ts'), 'utf8');
    expect(text.split(';')[0]).toBe(
      '// Made by ixgate generate --criterion transitions --machine examples/charts/traffic-light.ts --outputs value,tags --max-length 5 --enabled-only',
    );
  });

  it('writes scenarios that a reader understands', async () => {
    const out = await mkdtemp(join(tmpdir(), 'ixgate-'));
    await ixgate(['generate', '--machine', light, '--format', 'gherkin', '--out', out]);
    const text = await readFile(join(out, 'trafficLight.transitions.feature'), 'utf8');
    expect(text).toContain('    Given a chart that has just started\n');
    expect(text).toContain(
      '    When the chart gets no event until the next timer expires\n    Then the chart shows in yellow\n',
    );
  });

  it.each([
    [
      ['--max-cases', '3', '--criterion', 'w1'],
      /w1 of trafficLight: at most \d+ cases with \d[\d,]* inputs, more than --max-cases 3/,
    ],
    [['--format', 'playwright'], /--format playwright needs --system FILE/],
    [['--answers', 'ack'], /--answers belongs to the registration chart/],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await ixgate(['generate', '--machine', light, ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('ixgate mutate --machine', () => {
  it('measures the suites of the chart', async () => {
    const { code, stdout } = await ixgate(['mutate', '--machine', example('toggle')]);
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}| (?=\d)/));
    expect(stdout).toContain('10 mutants: 0 are equivalent to the chart');
    expect(lines.find(([name]) => name === 'pairs')).toContain('10/10');
    expect(lines.find(([name]) => name === 'states')).toContain('2/10');
  });

  it('draws a sample where there are many', async () => {
    const args = ['mutate', '--machine', light, '--mutants', '50', '--criterion', 'w0', '--json'];
    const { stdout } = await ixgate(args);
    const [head = ''] = stdout.split('\n');
    expect(JSON.parse(head).mutants).toBe(50);
  });
});
