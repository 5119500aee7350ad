import { abridged } from '../../machines/text/format.js';
import type { ControlAction } from '../control/control-api.js';
import type { Log } from './log.js';

/** Most characters of arguments and of a result in the text of a line. */
const maxText = 300;
/** Most items of a list in the fields of a line. */
const maxItems = 20;

/** Logs everything that live control has done or tried, with who asked for it: one line each. */
export function logControl(log: Pick<Log, 'info'>): (done: ControlAction) => void {
  return ({ action, arguments: given, actor, result, problem }) => {
    const { by: door, statedUser, remoteAddress } = actor;
    const who =
      statedUser === undefined ? (remoteAddress ?? null) : `user ${statedUser}, as stated`;
    const what = Object.keys(given).length === 0 ? action : `${action} ${abridged(given, maxText)}`;
    const outcome = problem === null ? 'done' : `failed: ${problem}`;
    log.info(`${what} by ${door}${who === null ? '' : ` (${who})`}: ${outcome}`, {
      event: 'control',
      action,
      arguments: shortened(given),
      outcome: problem === null ? 'done' : 'failed',
      result: result && shortened(result),
      problem,
      by: {
        via: door === 'control socket' ? 'control-socket' : door,
        ...(statedUser !== undefined && { user: statedUser }),
        ...(remoteAddress !== undefined && { remoteAddress }),
      },
    });
  };
}

function shortened(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.slice(0, maxItems) : value,
    ]),
  );
}
