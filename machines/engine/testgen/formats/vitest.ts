import type { Suite } from '../suite.js';
import { caseSentence, firstLine, headingOf } from './words.js';

/** A suite as a test file for vitest, which runs as it is where `ixgate` and `vitest` are installed. */
export function* vitestText(suite: Suite): Generator<string> {
  yield `// ${firstLine(suite)}\n`;
  yield comment([
    ...headingOf(suite),
    '',
    'It is played against IXGATE_TARGET (tcp://host:port, tls://, ws:// or wss://) with IXGATE_VALID and IXGATE_INVALID as the clients,',
    'JSON objects such as {"clientName":"desk-1","clientType":"AgentApplication"}, and IXGATE_REGISTRATION_TIMEOUT and',
    'IXGATE_REJECTION_TIMEOUT as the deadlines in milliseconds (measured first where they are not given). Without IXGATE_TARGET a gate',
    'with short deadlines is started for the run.',
  ]);
  yield* program(suite).map((line) => `${line}\n`);
  for (const one of suite) {
    yield `  it(${quoted(caseSentence(one))}, plays(${JSON.stringify(one)}));\n`;
  }
  yield '});\n';
}

function program({ criterion, answers }: Suite): string[] {
  return [
    "import type { Case } from 'ixgate/machines';",
    "import { serverUnderTest } from 'ixgate/tester';",
    "import { afterAll, describe, expect, it, vi } from 'vitest';",
    '',
    `const server = await serverUnderTest({ answers: '${answers}', env: process.env });`,
    'vi.setConfig({ maxConcurrency: server.connections, testTimeout: server.longestCase });',
    'afterAll(() => server.close());',
    '',
    '/** Plays a case; where the server differs from it, the error is the diagnosis. */',
    'const plays = (one: Case) => async () => {',
    '  const { difference, why } = await server.play(one);',
    '  expect(difference?.sentence ?? why).toBe(null);',
    '};',
    '',
    `describe.concurrent('${criterion}', () => {`,
  ];
}

function comment(lines: readonly string[]): string {
  return lines
    .map((line) => `// ${line}`.trimEnd())
    .join('\n')
    .concat('\n\n');
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
