/** The suites of a protocol in words, from the sentences of its description. */
import { quiescence } from '../mealy/mealy-machine.js';
import { partsOf, type SuiteWords } from '../testgen/formats/words.js';
import type { SuiteSettings } from '../testgen/model.js';
import { closed, type ProtocolDefinition } from './definition.js';
import { isTime, waiting } from './protocol-model.js';

/** What a client does for the inputs of time. */
export const timeInputs = {
  [waiting]: 'sends nothing until shortly before the deadline',
  [quiescence]: 'sends nothing until shortly after the deadline',
} as const;

type WordedProtocol = Pick<ProtocolDefinition, 'title' | 'system' | 'inputs' | 'settings'>;

/**
 * The words of a protocol.
 * @param source what `--protocol` loads it from: a name, or the path of a file.
 */
export function protocolWords(
  { title, system, inputs, settings = {} }: WordedProtocol,
  source: string,
): SuiteWords<string, SuiteSettings> {
  const clientDoes = (input: string): string =>
    ({ ...inputs, ...timeInputs })[input] ?? `does ${input}`;
  const chosen = (suite: SuiteSettings) =>
    Object.keys(settings).map((name) => [name, suite[name]] as const);
  return {
    title,
    system,
    clientDoes,
    serverDoes(output) {
      const parts = partsOf(output);
      const answers = parts.filter((part) => part !== closed).join(' and ');
      if (parts.length === 0) return 'sends nothing and stays connected';
      if (!parts.includes(closed)) return `answers ${answers}`;
      return answers === '' ? 'disconnects' : `answers ${answers} and disconnects`;
    },
    inputArrow: (input) => ({
      label: clientDoes(input).replace(/^sends /, ''),
      isNote: isTime(input),
    }),
    outputArrow: (part) =>
      part === closed ? { label: 'disconnect', kind: 'close' } : { label: part, kind: 'message' },
    notes: (suite) => [`The inputs: ${suite.inputs.join(', ')}.`],
    options: (suite) =>
      [
        ` --protocol ${source}`,
        ...chosen(suite).map(([name, value]) => `--setting ${name}=${value}`),
      ].join(' '),
    vitest: (suite) => ({
      comment: [
        'It is played against IXGATE_TARGET, e.g. tcp://127.0.0.1:1883. IXGATE_TIMERS and IXGATE_VALUES state what ixgate conform takes',
        'as --timer and --value, separated by commas, e.g. connectTimeout=30s. A test that needs more is skipped.',
      ],
      code: [
        "import { expectCase } from 'ixgate/model';",
        "import { type ProtocolCase, protocolUnderTest } from 'ixgate/tester';",
        "import { describe, it, type TestContext } from 'vitest';",
        '',
        `const server = await protocolUnderTest(${JSON.stringify(source)}, {`,
        `  settings: ${JSON.stringify(Object.fromEntries(chosen(suite as unknown as SuiteSettings)))},`,
        '  env: process.env,',
        '});',
        '',
        '/** Plays a case; the error of a server that differs has the expected and the observed output. */',
        'const plays = (one: ProtocolCase) => async ({ skip }: TestContext) => {',
        '  const reason = server.unplayable(one);',
        '  if (reason !== null) skip(reason);',
        '  await expectCase(one, server);',
        '};',
        '',
        `describe.concurrent('${suite.criterion}', () => {`,
      ],
    }),
  };
}
