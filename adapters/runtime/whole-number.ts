import { longestDelay } from '../../machines/index.js';
import { OptionError } from './errors.js';

/** Whole numbers that an option allows. */
export interface Range {
  readonly least: number;
  readonly most: number;
  /** To follow "a whole number", e.g. ` of bytes`. */
  readonly unit: string;
}

/** What a timer can hold. */
export const delays: Range = { least: 1, most: longestDelay, unit: ' of milliseconds' };

/** @throws {OptionError} naming the option, its value and what is allowed. */
export function wholeNumber(option: string, value: unknown, { least, most, unit }: Range): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new OptionError(option, value, `a whole number${unit} from ${least} to ${most}`);
}
