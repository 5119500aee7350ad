import { type SessionVerdict, verdicts } from '../../../machines/registration/session/verdict.js';
import { InvalidValueError } from '../../runtime/quantities.js';
import { onDay, timeSpan } from '../../runtime/times.js';
import { Wildcard } from '../../validators/wildcard.js';
import { UsageError } from '../exit-codes.js';
import type { SessionFields } from './session-fields.js';
import { type SessionCondition, sessionCondition } from './where.js';

/** Whether a session matches. */
export type Filter = (session: SessionFields) => boolean;

/** The options that filter sessions, as commander parses them. */
export interface FilterFlags {
  readonly client?: string | undefined;
  readonly type?: string | undefined;
  readonly verdict?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly where?: readonly string[] | undefined;
}

/**
 * A filter that combines all conditions; null without conditions. Use one filter for one reading: a time
 * without a date refers to the day of the first session.
 * @throws {UsageError}
 */
export function filterFrom(flags: FilterFlags): Filter | null {
  try {
    return checkedFilter(flags);
  } catch (error) {
    throw error instanceof InvalidValueError ? new UsageError(error.message) : error;
  }
}

function checkedFilter(flags: FilterFlags): Filter | null {
  const { client, type, verdict, since, until, where = [] } = flags;
  const conditions = [
    ...(client === undefined ? [] : [matching('client', client)]),
    ...(type === undefined ? [] : [matching('clientType', type)]),
    ...(verdict === undefined ? [] : [verdictIs(verdict)]),
    ...(since === undefined && until === undefined ? [] : [within(since, until)]),
    ...where.map(sessionCondition),
  ];
  if (conditions.length === 0) return null;
  let firstAt: number | null = null;
  return (session) => {
    firstAt ??= session.startedAt;
    const first = firstAt;
    return conditions.every((holds) => holds(session, first));
  };
}

function matching(field: 'client' | 'clientType', pattern: string): SessionCondition {
  const wildcard = new Wildcard(pattern);
  return (session) => {
    const value = session[field];
    return value !== null && (value === pattern || wildcard.matches([...value]));
  };
}

function verdictIs(text: string): SessionCondition {
  const wanted = text.trim().toLowerCase();
  const entries = Object.entries(verdicts) as [SessionVerdict, string][];
  const found = entries.find(([key, words]) => wanted === key || wanted === words);
  if (!found) {
    const allowed = entries.map(([key, words]) => (key === words ? key : `${key} (${words})`));
    throw new UsageError(`--verdict is ${JSON.stringify(text)}; allowed: ${allowed.join(', ')}`);
  }
  return ({ verdict }) => verdict === found[0];
}

/** Both ends are included; `--until 08:05` includes that whole minute. */
function within(since: string | undefined, until: string | undefined): SessionCondition {
  const from = since === undefined ? null : timeSpan('--since', since);
  const to = until === undefined ? null : timeSpan('--until', until);
  return ({ startedAt }, firstAt) => {
    if (from && startedAt < onDay(from, firstAt).from) return false;
    return !to || startedAt <= onDay(to, firstAt).to;
  };
}
