/** JSON of values that JSON may not represent: contexts, events and definitions of machines. It never throws. */

/** Nested objects beyond this depth are cut. */
const deepest = 100;
/** Maximum length of one message; what is longer is left out. */
const longest = 2_000_000;

/** The JSON of a value. @param usual for a value that cannot be written, e.g. whose `toJSON` throws, and one that is too long */
export function toJson(value: unknown, usual: () => string): string {
  try {
    // Plain data, which is fast.
    return fitting(JSON.stringify(value), usual);
  } catch {
    // A cycle, a bigint, or an error of the app.
  }
  try {
    return fitting(JSON.stringify(plain(value, [])), usual);
  } catch {
    return usual();
  }
}

/** The JSON of the configuration of a machine. Functions become `{ type: name }`, as in Stately's client. */
export function definitionJson(config: object): string {
  try {
    return fitting(JSON.stringify(plain(config, [])), () => '{}');
  } catch {
    return '{}';
  }
}

function fitting(text: string | undefined, usual: () => string): string {
  return text === undefined || text.length > longest ? usual() : text;
}

/** A copy that JSON can represent. @param above the objects around the value */
function plain(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return { type: value.name };
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[Circular]';
  if (above.length >= deepest) return Array.isArray(value) ? '[Array]' : '[Object]';
  const inner = [...above, value];
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plain(toJSON.call(value), inner);
  if (Array.isArray(value)) return value.map((one) => plain(one, inner));
  if (value instanceof Error) return { name: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, inner)]));
}
