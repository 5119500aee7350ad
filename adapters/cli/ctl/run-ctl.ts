/** `ixgate ctl`: runs one subcommand. */
import { ControlClient } from '../../control/client.js';
import { exitCodes, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import type { Output } from '../output.js';
import { type Ctl, durationFlag, namedNodes, pathOf } from './context.js';
import type { Action, CtlFlags } from './flags.js';
import type { Ban, LogLevel, Penalty, Reloaded, Session, Status, Unreachable } from './shapes.js';
import { logLevelText, statusText } from './status-text.js';
import { targetOf, userName } from './target.js';

const defaultTimeout = 5_000;

/**
 * Runs a subcommand.
 * @param words the arguments
 * @returns the exit code
 * @throws {UsageError} and the errors of the client
 */
export async function runCtl(
  action: Action,
  words: readonly string[],
  flags: CtlFlags,
  output: Output,
): Promise<number> {
  const controller = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    controller.abort(new InterruptedError(signal)),
  );
  const { signal } = controller;
  const client = new ControlClient({
    target: await targetOf(flags, output.io),
    timeout: durationFlag('--timeout', flags.timeout, { min: '1ms', max: '1h' }) ?? defaultTimeout,
    user: userName(),
    signal,
  });
  return (await actions[action]({ client, output, flags, signal }, words)) ?? exitCodes.ok.code;
}

/** Runs a subcommand. @returns the exit code (default 0) */
type Run = (ctl: Ctl, words: readonly string[]) => Promise<number | undefined>;

/** Tables need to measure text, which takes long to load. */
const texts = () => import('./texts.js');

const actions: Readonly<Record<Action, Run>> = {
  async status({ client, output }) {
    const status = await client.ask<Status>('GET', '/status');
    output.tell(statusText(status), status);
  },
  async sessions(ctl) {
    const { sessions } = await import('./sessions.js');
    return sessions(ctl);
  },
  async show({ client, output }, [id = '']) {
    const session = await client.ask<Session>('GET', pathOf(id));
    const { sessionText } = await texts();
    output.tell(sessionText(session), session);
  },
  async kick(ctl, ids) {
    const { kick } = await import('./kick.js');
    return kick(ctl, ids);
  },
  async nodes(ctl) {
    const { nodes } = await import('./nodes.js');
    return nodes(ctl);
  },
  async drain(ctl) {
    const { drain } = await import('./drain.js');
    return drain(ctl);
  },
  async resume(ctl) {
    const { client, output, flags } = ctl;
    if (namedNodes(flags)) {
      const { askNodes } = await import('./nodes.js');
      return askNodes(ctl, '/resume', 'accepts connections');
    }
    const answer = await client.ask('POST', '/resume');
    output.tell('the gate accepts connections', answer);
    return undefined;
  },
  async reload(ctl) {
    const { client, output, flags } = ctl;
    if (namedNodes(flags)) {
      const { askNodes } = await import('./nodes.js');
      return askNodes(ctl, '/reload', 'reloaded');
    }
    const answer = await client.ask<Reloaded>('POST', '/reload');
    const { reloadedText } = await texts();
    output.tell(reloadedText('reloaded', answer), answer);
    return undefined;
  },
  async set({ client, output }, settings) {
    const answer = await client.ask<Reloaded>('PATCH', '/config', {}, settingsFrom(settings));
    const { reloadedText } = await texts();
    output.tell(reloadedText('set', answer), answer);
  },
  async unset({ client, output }, keys) {
    const changes = Object.fromEntries(keys.map((key) => [key, null]));
    const answer = await client.ask<Reloaded>('PATCH', '/config', {}, changes);
    const { reloadedText } = await texts();
    output.tell(reloadedText('unset', answer), answer);
  },
  async 'log-level'({ client, output }, [level]) {
    const answer =
      level === undefined
        ? await client.ask<LogLevel>('GET', '/log-level')
        : await client.ask<LogLevel>('PUT', '/log-level', {}, { level });
    output.tell(logLevelText(answer), answer);
  },
  async ban({ client, output, flags }, [address = '']) {
    const { for: time, kick: alsoKick } = flags;
    const answer = await client.ask<{ ban: Ban; kicked: number } & Unreachable>(
      'POST',
      '/bans',
      {},
      {
        address,
        ...(time !== undefined && { duration: time }),
        ...(alsoKick && { kick: true }),
      },
    );
    const { bansText, unreachableLines } = await texts();
    const kicked = alsoKick ? `; clients kicked: ${answer.kicked}` : '';
    const lines = [`${bansText([answer.ban])}${kicked}`, ...unreachableLines(answer)];
    output.tell(lines.join('\n'), answer);
  },
  async unban({ client, output }, [address = '']) {
    const answer = await client.ask<Unreachable>('DELETE', '/bans', { address });
    const { unreachableLines } = await texts();
    const lines = [`${address} is not banned any more`, ...unreachableLines(answer)];
    output.tell(lines.join('\n'), answer);
  },
  async bans({ client, output }) {
    const answer = await client.ask<{ bans: Ban[] }>('GET', '/bans');
    const { bansText } = await texts();
    output.tell(answer.bans.length === 0 ? 'no bans' : bansText(answer.bans), answer);
  },
  async penalties({ client, output, flags: { clear, limit } }) {
    if (clear === undefined) {
      const answer = await client.ask<{ count: number; penalties: Penalty[] } & Unreachable>(
        'GET',
        '/penalties',
        { limit },
      );
      const { penaltiesText, unreachableLines } = await texts();
      output.tell([penaltiesText(answer), ...unreachableLines(answer)].join('\n'), answer);
      return undefined;
    }
    const address = clear === 'all' ? undefined : clear;
    const answer = await client.ask<{ cleared: number } & Unreachable>('DELETE', '/penalties', {
      address,
    });
    const { unreachableLines } = await texts();
    const lines = [`penalties cleared: ${answer.cleared}`, ...unreachableLines(answer)];
    output.tell(lines.join('\n'), answer);
    return undefined;
  },
};

/** `KEY=VALUE` each. @throws {UsageError} */
function settingsFrom(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, key, value] = /^([\w-]+)=(.*)$/s.exec(setting) ?? [];
      if (key !== undefined && value !== undefined) return [key, value];
      throw new UsageError(
        `invalid setting ${JSON.stringify(setting)}: expected KEY=VALUE, e.g. maxErrors=4`,
      );
    }),
  );
}
