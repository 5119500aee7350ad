import { isObject, type JsonObject } from './json-lines.js';

/** Reads one field of an object; undefined when it is missing. */
export type Field = (object: JsonObject) => unknown;

/** @param path the field's name, or names joined by dots for a nested field. */
export function fieldAt(path: string): Field {
  const names = path.split('.');
  if (names.length === 1) return (object) => own(object, path);
  return (object) => {
    const whole = own(object, path);
    if (whole !== undefined) return whole;
    let value: unknown = object;
    for (const name of names) {
      if (!isObject(value)) return undefined;
      value = own(value, name);
    }
    return value;
  };
}

/** A value as text, for names and keys; empty for objects and lists, whose `toString` may be data. */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? '' : String(value);
}

/** Own properties only: a field called `constructor` is data of the log. */
function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
