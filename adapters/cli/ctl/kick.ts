import { ControlRefusedError } from '../../control/errors.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { type Ctl, pathOf } from './context.js';
import type { CtlFlags } from './flags.js';
import type { Kicked, Session, SessionList } from './shapes.js';
import { sessionLines } from './texts.js';

/**
 * `ixgate ctl kick`.
 * @returns the exit code: that of a refusal when a session is unknown; the others are kicked
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

/** An unknown session does not keep the others from being kicked. */
async function kickEach({ client, output, flags }: Ctl, ids: readonly string[]): Promise<number> {
  const kicked: Kicked[] = [];
  const unknown: ControlRefusedError[] = [];
  for (const id of ids) {
    try {
      kicked.push(await client.ask<Kicked>('DELETE', pathOf(id), options(flags)));
    } catch (error) {
      if (!(error instanceof ControlRefusedError) || error.status !== 404) throw error;
      unknown.push(error);
    }
  }
  const answer: Kicked = {
    kicked: kicked.reduce((sum, one) => sum + one.kicked, 0),
    ids: kicked.flatMap((one) => one.ids),
    banned: [...new Set(kicked.flatMap((one) => one.banned))],
  };
  if (kicked.length > 0) output.tell(textOf(answer), answer);
  return unknown.map((error) => output.fail(error)).at(-1) ?? exitCodes.ok.code;
}

async function preview(
  { client, output }: Ctl,
  ids: readonly string[],
  where: readonly string[],
): Promise<number> {
  const sessions =
    ids.length > 0
      ? await Promise.all(ids.map((id) => client.ask<Session>('GET', pathOf(id))))
      : (await client.ask<SessionList>('GET', '/sessions', { where })).sessions;
  const lines = sessions.length === 0 ? [] : sessionLines(sessions);
  output.tell([...lines, `would kick: ${sessions.length}`].join('\n'), {
    wouldKick: sessions.length,
    sessions,
  });
  return exitCodes.ok.code;
}

function options({ reason, retryAfter, ban }: CtlFlags) {
  return { reason, retryAfter, ban };
}

function textOf({ kicked, banned }: Kicked): string {
  const bans = banned.length === 0 ? '' : `; banned: ${banned.join(', ')}`;
  return `kicked: ${kicked}${bans}`;
}
