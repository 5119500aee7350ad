/** The suites of the registration in words. */
import { partsOf, type SuiteWords } from '../../engine/testgen/formats/words.js';
import type { Suite } from '../../engine/testgen/suite.js';
import { kindOf, type ServerInput, type ServiceAnswer } from './inputs.js';
import type { ServerSettings } from './server-model.js';

/** What a client does, for each input. */
const clientActs: Readonly<Record<ServerInput, string>> = {
  register: 'sends RequestRegisterClient for a valid client',
  'register-invalid': 'sends RequestRegisterClient for a client that is not valid',
  'register-malformed': 'sends RequestRegisterClient with wrong attributes',
  other: 'sends any other message',
  'event-ack': 'sends EventAck itself',
  'not-json': 'sends a frame that is not JSON',
  'no-name': 'sends a frame without a messageName',
  'too-long': 'sends a frame that is too long',
  wait: 'sends nothing until shortly before the deadline',
  silence: 'sends nothing until shortly after the deadline',
};

/** The labels of messages in a diagram. */
const messageLabels: Readonly<Partial<Record<ServerInput, string>>> = {
  register: 'RequestRegisterClient (valid)',
  'register-invalid': 'RequestRegisterClient (not valid)',
  'register-malformed': 'RequestRegisterClient (wrong attributes)',
  other: 'any other message',
  'event-ack': 'EventAck',
};

const answered: Readonly<Record<ServiceAnswer, string>> = {
  ack: 'The service behind the server is expected to answer a registered client with EventAck.',
  none: 'The service behind the server is expected not to answer a registered client.',
  any: 'The answers of the service behind the server to a registered client are not checked.',
};

export const serverSuiteWords: SuiteWords<ServerInput, ServerSettings> = {
  title: 'Registration with an Interaction Server',
  system: 'Interaction Server',

  clientDoes: (input) => clientActs[input],

  serverDoes(output) {
    const parts = partsOf(output);
    const last = parts.at(-1);
    if (last === undefined) return 'sends nothing and stays connected';
    if (parts[0] === 'service') return 'may give any answer and stays connected';
    if (last !== 'closed') return `answers ${parts.join(' and ')}`;
    const answers = parts.slice(0, -1).join(' and ');
    return answers ? `answers ${answers} and disconnects` : 'disconnects';
  },

  inputArrow(input) {
    const isNote = kindOf(input) === 'time';
    const label = messageLabels[input] ?? clientActs[input].replace(/^sends /, '');
    return { label, isNote };
  },

  outputArrow(part) {
    if (part === 'closed') return { label: 'disconnect', kind: 'close' };
    if (part === 'service') return { label: 'any answer of the service', kind: 'note' };
    return { label: part, kind: 'message' };
  },

  notes: ({ inputs, answers }) => [
    `The inputs: ${inputs.join(', ')}. The cases combine each message in each configuration, invalid frames, and each deadline a little before and a little after.`,
    answered[answers],
  ],

  options: ({ answers }) => ` --answers ${answers}`,

  vitest: (suite) => ({ comment: howToRun, code: programOf(suite) }),
};

const howToRun = [
  'It is played against IXGATE_TARGET (tcp://host:port, tls://, ws:// or wss://) with IXGATE_VALID and IXGATE_INVALID as the clients,',
  'JSON objects such as {"clientName":"desk-1","clientType":"AgentApplication"}, and IXGATE_REGISTRATION_TIMEOUT and',
  'IXGATE_REJECTION_TIMEOUT as the deadlines in milliseconds (measured first by default). Without IXGATE_TARGET a gate',
  'with short deadlines is started for the run.',
];

function programOf({ criterion, answers }: Suite<ServerInput, ServerSettings>): string[] {
  return [
    "import type { Case } from 'ixgate/model';",
    "import { serverUnderTest } from 'ixgate/tester';",
    "import { afterAll, describe, expect, it, vi } from 'vitest';",
    '',
    `const server = await serverUnderTest({ answers: '${answers}', env: process.env });`,
    'vi.setConfig({ maxConcurrency: server.connections, testTimeout: server.longestCase });',
    'afterAll(() => server.close());',
    '',
    '/** Plays a case; when the server differs from it, the error is the diagnosis. */',
    'const plays = (one: Case) => async () => {',
    '  const { difference, reason } = await server.play(one);',
    '  expect(difference?.sentence ?? reason).toBe(null);',
    '};',
    '',
    `describe.concurrent('${criterion}', () => {`,
  ];
}
