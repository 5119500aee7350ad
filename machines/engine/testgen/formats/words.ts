/** Cases in words. */
import type { ExpectedStep, ServerInput, ServiceAnswer } from '../../../registration/sut/index.js';
import { criteria } from '../criteria.js';
import type { Case, Suite } from '../suite.js';

/** What a client does, for each input. */
const does: Readonly<Record<ServerInput, string>> = {
  register: 'says RequestRegisterClient for a valid client',
  'register-invalid': 'says RequestRegisterClient for a client that is not valid',
  'register-malformed': 'says RequestRegisterClient with wrong attributes',
  other: 'says any other message',
  'event-ack': 'says EventAck itself',
  'not-json': 'sends a frame that is not JSON',
  'no-name': 'sends a frame without a messageName',
  'too-long': 'sends a frame that is too long',
  wait: 'says nothing until shortly before the deadline',
  silence: 'says nothing until shortly after the deadline',
};

export function clientDoes(input: ServerInput): string {
  return does[input];
}

/** What a server is then expected to do. */
export function serverDoes({ output }: Pick<ExpectedStep, 'output'>): string {
  const said = output.split(' ').filter((part) => part !== '');
  const [last] = said.slice(-1);
  if (last === undefined) return 'says nothing and stays connected';
  if (said[0] === 'service') return 'may say what it likes and stays connected';
  if (last !== 'closed') return `answers ${said.join(' and ')}`;
  const answers = said.slice(0, -1).join(' and ');
  return answers ? `answers ${answers} and disconnects` : 'disconnects';
}

/** A case as one sentence. */
export function caseSentence({ steps }: Case): string {
  const parts = steps.map((step) => `it ${clientDoes(step.input)}, the server ${serverDoes(step)}`);
  return `a client connects; ${parts.join('; ')}`;
}

const answered: Readonly<Record<ServiceAnswer, string>> = {
  ack: 'The service behind the server is expected to answer a registered client with EventAck.',
  none: 'The service behind the server is expected not to answer a registered client.',
  any: 'What the service behind the server answers to a registered client is not judged.',
};

/** What stands on top of a suite in every format: how to make it again, its criterion and guarantee, and how many there are of what. */
export function headingOf(suite: Suite): string[] {
  const { criterion, guarantee, cases, steps, seed, answers, inputs } = suite;
  const about = criterion.startsWith('random:') ? criteria['random:N'] : aboutOf(criterion);
  return [
    `Criterion ${criterion}: ${about}${seed === null ? '' : ` (seed ${seed})`}.`,
    `This suite ${guarantee}.`,
    `${cases} ${cases === 1 ? 'case' : 'cases'}, a connection each, with ${steps} inputs.`,
    `The inputs: ${inputs.join(', ')}. Each message in each configuration, frames that are no message, and each deadline a little before and a little after are among what a case is made of.`,
    answered[answers],
  ];
}

function aboutOf(criterion: string): string {
  return Object.hasOwn(criteria, criterion) ? criteria[criterion as keyof typeof criteria] : '';
}

/** What the first line of a file that was made here has in it: only such a file is written over. */
export const mark = 'Made by ixgate generate';

/** The first line, without what makes it a comment. */
export function firstLine({ criterion, seed, answers }: Suite): string {
  const seeded = seed === null ? '' : ` --seed ${seed}`;
  return `${mark} --criterion ${criterion}${seeded} --answers ${answers}; made again, it is written over.`;
}
