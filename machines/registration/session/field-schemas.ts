/** Schemas of single fields of a recording. Their messages are the allowed values. */
import * as v from 'valibot';
import { configurations } from '../chart/configurations.js';
import { disconnectReasons } from '../chart/seat.js';

export const among = <const Names extends readonly string[]>(names: Names) =>
  v.picklist(names, names.join(', '));
export const whole = (allowed: string) => v.pipe(v.number(allowed), v.safeInteger(allowed));
export const finite = (allowed: string) => v.pipe(v.number(allowed), v.finite(allowed));
export const notNegative = (allowed: string) => v.pipe(finite(allowed), v.minValue(0, allowed));
export const someText = v.pipe(
  v.string('text that is not empty'),
  v.nonEmpty('text that is not empty'),
);
export const configuration = among(configurations);

export const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) =>
  among(Object.keys(table) as [Name, ...Name[]]);

export const disconnectReason = namesOf(disconnectReasons);
export const wholeFromOne = v.pipe(
  whole('a whole number from 1'),
  v.minValue(1, 'a whole number from 1'),
);
export const wholeFromZero = v.pipe(
  whole('a whole number from 0'),
  v.minValue(0, 'a whole number from 0'),
);
