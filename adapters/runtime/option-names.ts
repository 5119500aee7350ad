import { UnknownOptionError } from './errors.js';
import { nearest } from './nearest.js';

/** @throws {UnknownOptionError} for an option that is not among the names, with the name that was probably meant */
export function checkOptionNames(options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UnknownOptionError(unknown, nearest(unknown, names));
}
