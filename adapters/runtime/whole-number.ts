import { longestDelay } from '../../machines/text/clock.js';
import { OptionError } from './errors.js';

/** The whole numbers that an option allows, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** Follows "a whole number" in messages, e.g. ` of bytes`. */
  readonly unit: string;
}

/** The delays that a timer can hold. */
export const delays: Range = { min: 1, max: longestDelay, unit: ' of milliseconds' };

/** @throws {OptionError} naming the option, its value and what is allowed. */
export function wholeNumber(option: string, value: unknown, { min, max, unit }: Range): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new OptionError(option, value, `a whole number${unit} from ${min} to ${max}`);
}
