import { exitCodes } from '../exit-codes.js';
import { type Ctl, durationFlag, pause } from './context.js';
import { Screen } from './screen.js';
import type { SessionList } from './shapes.js';
import { sessionLines, unreachableLines } from './texts.js';

/** Milliseconds between two lists of `--watch`. */
const defaultInterval = 1_000;

/**
 * `ixgate ctl sessions`, with `--watch` again and again.
 * @throws {UsageError} and the errors of the client
 */
export async function sessions(ctl: Ctl): Promise<number> {
  const { output, flags, signal } = ctl;
  const interval =
    durationFlag('--interval', flags.interval, { min: '100ms', max: '1h' }) ?? defaultInterval;
  if (flags.watch && output.io.stdout.isTTY && !output.json) return await watch(ctl, interval);
  do {
    const list = await listed(ctl);
    output.tell(listText(list), list);
    if (flags.watch) await pause(interval, signal);
  } while (flags.watch);
  return exitCodes.ok.code;
}

/** Like top: q or Ctrl-C ends it. */
async function watch(ctl: Ctl, interval: number): Promise<number> {
  const { client, output, flags, signal } = ctl;
  using screen = new Screen(output.io);
  let list = await listed({ ...ctl, rows: screen.rows });
  const conditions = (flags.where ?? []).join(' and ');
  const draw = () => {
    const head = `${client.where}  sessions: ${list.count}${conditions === '' ? '' : ` where ${conditions}`}  q ends`;
    screen.draw([head, ...unreachableLines(list), '', ...sessionLines(list.sessions)]);
  };
  screen.onResize = draw;
  const ended = AbortSignal.any([signal, screen.closed]);
  while (!ended.aborted) {
    draw();
    await pause(interval, ended).catch(() => {});
    if (!ended.aborted) list = await listed({ ...ctl, rows: screen.rows });
  }
  signal.throwIfAborted();
  return exitCodes.ok.code;
}

function listed({ client, flags, rows }: Ctl & { readonly rows?: number }): Promise<SessionList> {
  const { where, limit } = flags;
  return client.ask<SessionList>('GET', '/sessions', { where, limit: limit ?? rows });
}

function listText(list: SessionList): string {
  const { count, sessions: all } = list;
  const silent = unreachableLines(list);
  if (count === 0) return ['no sessions', ...silent].join('\n');
  const more = count - all.length;
  const rest = more > 0 ? [`and ${more} more; see --limit`] : [];
  return [...sessionLines(all), ...rest, ...silent].join('\n');
}
