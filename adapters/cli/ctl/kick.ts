import { ControlRefusedError } from '../../control/errors.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { type Ctl, pathOf } from './context.js';
import type { CtlFlags } from './flags.js';
import type { Kicked, Session, SessionList, Unreachable } from './shapes.js';
import { sessionLines, unreachableLines } from './texts.js';

/**
 * `ixgate ctl kick`.
 * @returns the exit code: that of the last problem when not all ids could be kicked; the rest is done
 * @throws {UsageError} and the errors of the client
 */
export async function kick(ctl: Ctl, ids: readonly string[]): Promise<number> {
  const { where = [], dryRun } = ctl.flags;
  if (ids.length > 0 && where.length > 0) {
    throw new UsageError('kick takes ids or --where, not both');
  }
  if (ids.length === 0 && where.length === 0) {
    throw new UsageError("kick needs ids or a condition, e.g. --where 'client~desk-'");
  }
  if (dryRun) return await preview(ctl, ids, where);
  return ids.length > 0 ? await kickEach(ctl, ids) : await kickWhere(ctl, where);
}

async function kickWhere(
  { client, output, flags }: Ctl,
  where: readonly string[],
): Promise<number> {
  const answer = await client.ask<Kicked>('DELETE', '/sessions', { where, ...options(flags) });
  output.tell(textOf(answer), answer);
  return exitCodes.ok.code;
}

async function kickEach(ctl: Ctl, ids: readonly string[]): Promise<number> {
  const { client, output, flags } = ctl;
  const { answers, problems } = await askEach(ids, (id) =>
    client.ask<Kicked>('DELETE', pathOf(id), options(flags)),
  );
  const answer: Kicked = {
    kicked: answers.reduce((sum, one) => sum + one.kicked, 0),
    ids: answers.flatMap((one) => one.ids),
    banned: [...new Set(answers.flatMap((one) => one.banned))],
    ...merged(answers),
  };
  if (answers.length > 0) output.tell(textOf(answer), answer);
  return reported(ctl, problems);
}

async function preview(
  ctl: Ctl,
  ids: readonly string[],
  where: readonly string[],
): Promise<number> {
  const { client, output } = ctl;
  if (ids.length === 0) {
    const list = await client.ask<SessionList>('GET', '/sessions', { where });
    tellPreview(output, list.sessions, list);
    return exitCodes.ok.code;
  }
  const { answers, problems } = await askEach(ids, (id) => client.ask<Session>('GET', pathOf(id)));
  tellPreview(output, answers);
  return reported(ctl, problems);
}

function tellPreview(
  output: Output,
  sessions: readonly Session[],
  { unreachable }: Unreachable = {},
): void {
  const lines = sessions.length === 0 ? [] : sessionLines(sessions);
  const silent = unreachable === undefined ? {} : { unreachable };
  output.tell(
    [...lines, `would kick: ${sessions.length}`, ...unreachableLines(silent)].join('\n'),
    { wouldKick: sessions.length, sessions, ...silent },
  );
}

/**
 * Asks for one session after the other, because a gate answers only some requests at once. An unknown session does not keep the others from
 * being asked for; any other problem ends it.
 */
async function askEach<Answer>(ids: readonly string[], ask: (id: string) => Promise<Answer>) {
  const answers: Answer[] = [];
  const problems: unknown[] = [];
  for (const id of ids) {
    try {
      answers.push(await ask(id));
    } catch (error) {
      problems.push(error);
      if (!(error instanceof ControlRefusedError) || error.status !== 404) break;
    }
  }
  return { answers, problems };
}

/** @returns the exit code of the last problem */
function reported({ output }: Ctl, problems: readonly unknown[]): number {
  return problems.map((error) => output.fail(error)).at(-1) ?? exitCodes.ok.code;
}

function options({ reason, retryAfter, ban }: CtlFlags) {
  return { reason, retryAfter, ban };
}

function textOf(answer: Kicked): string {
  const { kicked, banned } = answer;
  const bans = banned.length === 0 ? '' : `; banned: ${banned.join(', ')}`;
  return [`kicked: ${kicked}${bans}`, ...unreachableLines(answer)].join('\n');
}

/** The gates that did not answer; left out without a cluster. */
function merged(answers: readonly Unreachable[]): Unreachable {
  if (answers.every(({ unreachable }) => unreachable === undefined)) return {};
  return { unreachable: [...new Set(answers.flatMap(({ unreachable = [] }) => unreachable))] };
}
