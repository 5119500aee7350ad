/** Comparison of options that a component writes in each render. */

type Values = Readonly<Record<string, unknown>>;

/**
 * Whether two options mean the same client. Plain objects and arrays are compared by their contents, other objects by identity. Functions
 * are all the same: see `withLatest`.
 */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== typeof other) return false;
  if (typeof one === 'function') return true;
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSame(one[name], other[name]));
}

function isPlain(value: unknown): value is Values {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/**
 * Options whose functions call those of the latest render, so a function that is written in a component sees its latest values.
 * @param latest returns the options of the latest render
 */
export function withLatest<Options extends object>(
  options: Options,
  latest: () => Options | null,
): Options {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const call = (...values: unknown[]): unknown => {
        const now = (latest() as Values | null)?.[name];
        return (typeof now === 'function' ? now : value)(...values);
      };
      return [name, call];
    }),
  ) as Options;
}
