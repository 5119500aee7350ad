import { longestDelay } from '../../machines/index.js';
import { OptionError } from './errors.js';

/** Whole numbers that an option allows. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** To follow "a whole number", e.g. ` of bytes`. */
  readonly unit: string;
}

/** What a timer can hold. */
export const delays: Range = { min: 1, max: longestDelay, unit: ' of milliseconds' };

/** @throws {OptionError} naming the option, its value and what is allowed. */
export function wholeNumber(option: string, value: unknown, { min, max, unit }: Range): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new OptionError(option, value, `a whole number${unit} from ${min} to ${max}`);
}
