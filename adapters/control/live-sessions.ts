/** Live sessions, and conditions on them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidValueError } from '../runtime/quantities.js';
import { type Condition, conditionFrom, type WhereFields } from '../runtime/where.js';
import type { GateView, SessionInfo } from '../server/index.js';
import type { Argument } from './arguments.js';
import { badRequest } from './problem.js';

/** A live session as `/sessions` lists it. */
export interface LiveSession extends SessionInfo {
  /** Milliseconds since the connection. */
  readonly age: number;
}

const fields: WhereFields<LiveSession> = {
  id: { kind: 'text', of: ({ id }) => id },
  client: { kind: 'text', of: ({ clientName, askedAs }) => clientName ?? askedAs },
  clientType: { kind: 'text', of: ({ clientType }) => clientType },
  mediaType: { kind: 'text', of: ({ mediaType }) => mediaType },
  state: { kind: 'text', of: ({ state }) => state },
  scheme: { kind: 'text', of: ({ scheme }) => scheme },
  remoteAddress: { kind: 'text', of: ({ remoteAddress }) => remoteAddress },
  remotePort: { kind: 'number', of: ({ remotePort }) => remotePort },
  connectedAt: { kind: 'time', of: ({ connectedAt }) => connectedAt },
  registeredAt: { kind: 'time', of: ({ registeredAt }) => registeredAt },
  age: { kind: 'milliseconds', of: ({ age }) => age },
  deadline: { kind: 'milliseconds', of: ({ deadline }) => deadline },
  errors: { kind: 'number', of: ({ errors }) => errors },
  carrier: { kind: 'text', of: ({ carrier }) => carrier },
  proxyClientId: { kind: 'number', of: ({ proxyClientId }) => proxyClientId },
  certificateSubject: { kind: 'text', of: ({ certificateSubject }) => certificateSubject },
  node: { kind: 'text', of: ({ node }) => node },
};

/** The fields that conditions may name. */
export const liveFields = Object.keys(fields);

/** A condition on a live session; a time without a date is of today (UTC). */
export const where: Argument<Condition<LiveSession>> = {
  description: `condition FIELD OP VALUE on a session, with one of != <= >= = < > ~ (contains); fields: ${liveFields.join(', ')}. All conditions must hold`,
  isRequired: true,
  schema: { type: 'string', minLength: 2, maxLength: 2_000, examples: ['state!=registered'] },
  read(value) {
    if (typeof value !== 'string') throw new InvalidValueError('FIELD OP VALUE');
    try {
      return conditionFrom('where', value, fields, 'age>60s');
    } catch (error) {
      // Its text is a whole sentence.
      throw error instanceof InvalidValueError ? badRequest(error.message) : error;
    }
  },
};

/** The session with its age. */
export function liveSession(info: SessionInfo, now = Date.now()): LiveSession {
  return { ...info, age: Math.max(0, now - info.connectedAt) };
}

/** Sessions that are compared in one turn of the event loop. */
const perTurn = 1_000;

/** The sessions for which all conditions hold, oldest first. */
export async function sessionsWhere(
  gate: Pick<GateView, 'sessions'>,
  conditions: readonly Condition<LiveSession>[],
): Promise<LiveSession[]> {
  const now = Date.now();
  const found: LiveSession[] = [];
  for (const [index, info] of gate.sessions().entries()) {
    if (index > 0 && index % perTurn === 0) await nextTurn();
    const session = liveSession(info, now);
    if (conditions.every((holds) => holds(session, now))) found.push(session);
  }
  return found;
}
