import { describe, expect, it } from 'vitest';
import {
  type Criterion,
  ServerModel,
  type SuiteFormat,
  suiteFiles,
  suiteFormats,
  suiteOf,
} from '../../../machines/index.js';

const model = new ServerModel();

function filesOf(criterion: Criterion, format: SuiteFormat, of = model): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, chunks } of suiteFiles(suiteOf(of, criterion), format)) {
    files.set(name, [...chunks].join(''));
  }
  return files;
}

const formats = Object.keys(suiteFormats) as SuiteFormat[];
const comments = /^(?:\/\/|#|<!--|-) ?/;

describe('a suite in each format', () => {
  it.each(formats)(
    '%s: has the criterion, guarantee and counts on top, and its command in the first line',
    (format) => {
      const suite = suiteOf(model, 'random:60', { seed: 9 });
      const [file] = suiteFiles(suite, format);
      const text = [...(file?.chunks ?? [])].join('');
      const [first = '', ...rest] = text.split('\n');
      if (format === 'json') {
        expect(JSON.parse(first)).toMatchObject({ criterion: 'random:60', cases: 60, seed: 9 });
        return;
      }
      expect(first).toContain(
        'Made by ixgate generate --criterion random:60 --seed 9 --answers ack',
      );
      const top = rest.slice(0, 10).map((line) => line.trim().replace(comments, ''));
      expect(top).toContain('Criterion random:60: N sessions drawn at random (seed 9).');
      expect(top).toContain(`This suite ${suite.guarantee}.`);
      expect(top).toContain(`60 cases, a connection each, with ${suite.steps} inputs.`);
      expect(top.join('\n')).toMatch(
        /invalid frames, and each deadline a little before and a little after/,
      );
    },
  );

  it.each([
    ['json', ['w1.suite.jsonl']],
    ['vitest', ['w1.test.ts']],
    ['gherkin', ['w1.feature']],
    ['mermaid', ['w1-1.md', 'w1-2.md', 'w1-3.md', 'w1-4.md']],
  ] as const)('%s: the files are called like the criterion', (format, names) => {
    expect([...filesOf('w1', format).keys()]).toEqual(names);
  });

  it('a criterion with a colon has a file name without one', () => {
    expect([...filesOf('random:3', 'gherkin').keys()]).toEqual(['random-3.feature']);
  });

  it('equal suites have equal texts', () => {
    for (const format of formats)
      expect(filesOf('pairs', format)).toEqual(filesOf('pairs', format));
  });
});

describe('a feature', () => {
  const text = [...filesOf('w1', 'gherkin').values()].join('');
  const lines = text.split('\n');

  it('has one scenario for each case, unique names, and a When and a Then for each input', () => {
    const suite = suiteOf(model, 'w1');
    const names = lines.filter((line) => line.startsWith('  Scenario: '));
    expect(new Set(names).size).toBe(suite.cases);
    expect(lines.filter((line) => line.startsWith('    When '))).toHaveLength(suite.steps);
    expect(lines.filter((line) => line.startsWith('    Then '))).toHaveLength(suite.steps);
  });

  it('has only Given, and then When and Then in turn, in a scenario', () => {
    for (const scenario of text.split(/\n {2}Scenario: /).slice(1)) {
      const [, given, ...steps] = scenario.trimEnd().split('\n');
      expect(given).toBe('    Given a client that has just connected');
      const words = steps.map((step) => /^ {4}(When|Then) \S/.exec(step)?.[1]);
      expect(words.length % 2).toBe(0);
      words.forEach((word, at) => {
        expect(word).toBe(at % 2 ? 'Then' : 'When');
      });
    }
  });

  it('needs few step definitions: one When for each input, one Then for each kind of answer', () => {
    const kinds = (word: string) =>
      new Set(lines.filter((line) => line.startsWith(`    ${word} `)));
    expect(kinds('When').size).toBe(10);
    expect([...kinds('Then')].map((line) => line.trim()).sort()).toEqual([
      'Then the server answers EventAck',
      'Then the server answers EventError',
      'Then the server answers EventError and disconnects',
      'Then the server disconnects',
      'Then the server sends nothing and stays connected',
    ]);
  });

  it('states when the service is not checked', () => {
    const any = [...filesOf('w0', 'gherkin', new ServerModel({ answers: 'any' })).values()].join(
      '',
    );
    expect(any).toContain('    Then the server may give any answer and stays connected\n');
  });
});

describe('diagrams', () => {
  it('are one for each case, fifty in a file', () => {
    const files = [...filesOf('w1', 'mermaid').values()];
    const counts = files.map((text) => text.split('```mermaid\n').length - 1);
    expect(counts).toEqual([50, 50, 50, 31]);
    expect([...filesOf('transitions', 'mermaid').keys()]).toEqual(['transitions.md']);
  });

  it('contain only participants, arrows and notes', () => {
    const text = [...filesOf('w1', 'mermaid').values()].join('');
    const diagrams = [...text.matchAll(/```mermaid\n(.*?)```\n/gs)].map(([, body = '']) => body);
    const label = "(?:[A-Za-z0-9 .,_/()'-]|#\\d+;)+";
    const line = new RegExp(
      `^(?:sequenceDiagram|    participant Client|    participant Server as Interaction Server|    (?:Client->>Server|Server->>Client|Server-xClient|Note over Client,Server): ${label})$`,
    );
    expect(diagrams).toHaveLength(181);
    for (const diagram of diagrams) {
      const [first, ...rest] = diagram.trimEnd().split('\n');
      expect(first).toBe('sequenceDiagram');
      for (const one of rest) expect(one).toMatch(line);
      // No arrow follows the disconnect.
      expect(rest.findIndex((one) => one.includes('-x')) % rest.length).toBeOneOf([
        -1,
        rest.length - 1,
      ]);
    }
  });
});
