import type { Output } from './output.js';

/** An option with its value and the source of the value. */
export interface ShownOption {
  readonly key: string;
  /** As written; null when the option is not set. */
  readonly value: unknown;
  readonly from: string;
}

/** Prints options with their sources: a line for each, or one JSON object. */
export function printConfig(options: readonly ShownOption[], output: Output): void {
  if (output.json) {
    const entries = options.map(({ key, value, from }) => [key, { value, from }]);
    output.tell('', Object.fromEntries(entries));
    return;
  }
  for (const { key, value, from } of options) {
    const text = value === null ? '-' : typeof value === 'object' ? JSON.stringify(value) : value;
    output.tell(`${key.padEnd(20)} ${String(text).padEnd(48)} ${from}`, null);
  }
}
