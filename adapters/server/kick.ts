import { longestStayAway } from '../../machines/registration/chart/supervisor-rules.js';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { wholeNumber } from '../runtime/whole-number.js';

/** How a client is kicked. */
export interface KickOptions {
  /** Text for the client and for its log, 1 to 200 characters. @default none */
  readonly reason?: string | undefined;
  /**
   * Milliseconds that the client is asked to stay away, from any endpoint: 1 to 86,400,000 (a day). It comes back later.
   * @default none: the client does not come back by itself
   */
  readonly retryAfter?: number | undefined;
}

/** Maximum number of characters of a reason. */
export const maxReason = 200;

const waits = { min: 1, max: longestStayAway, unit: ' of milliseconds' };

/** @throws {OptionError} {UnknownOptionError} */
export function checkedKick(options: KickOptions): KickOptions {
  checkOptionNames(options, ['reason', 'retryAfter']);
  const { reason, retryAfter } = options;
  const isReason =
    reason === undefined ||
    (typeof reason === 'string' && reason.length > 0 && reason.length <= maxReason);
  if (!isReason) throw new OptionError('reason', reason, `a text of 1 to ${maxReason} characters`);
  if (retryAfter !== undefined) wholeNumber('retryAfter', retryAfter, waits);
  return options;
}
