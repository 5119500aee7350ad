/** How a context has changed, as a list of paths. */

export interface DiffRow {
  /** E.g. `user.items[3].name`; empty for the whole value. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As JSON, shortened; null when it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface Diff {
  readonly rows: readonly DiffRow[];
  /** Whether there are further changes, which are not listed. */
  readonly isCut: boolean;
}

/** Maximum number of rows. */
const mostRows = 200;
/** Maximum number of compared values. */
const mostValues = 100_000;
const deepest = 100;
/** Maximum characters of a value. */
const longestText = 200;

/** The changes between two values of JSON, in the order of the paths. Elements of arrays are compared by index. */
export function diffOf(before: unknown, after: unknown): Diff {
  const rows: DiffRow[] = [];
  let values = 0;
  const compare = (path: string, one: unknown, other: unknown, depth: number): boolean => {
    if (one === other) return true;
    values += 1;
    if (values > mostValues || rows.length >= mostRows) return false;
    const keys = depth < deepest ? keysOf(one, other) : null;
    if (keys === null) {
      if (depth >= deepest && JSON.stringify(one) === JSON.stringify(other)) return true;
      rows.push(row(path, one, other));
      return true;
    }
    return keys.every((key) => {
      const next = Array.isArray(one) ? `${path}[${key}]` : joined(path, key);
      return compare(next, memberOf(one, key), memberOf(other, key), depth + 1);
    });
  };
  return { isCut: !compare('', before, after, 0), rows };
}

/** A value as short JSON. Its length is stated when it is cut. */
export function shortJson(value: unknown, length = longestText): string {
  const text = JSON.stringify(value) ?? 'undefined';
  if (text.length <= length) return text;
  return `${text.slice(0, length)}… (${text.length} characters)`;
}

/** The members of two objects or two arrays; null for other values. */
function keysOf(one: unknown, other: unknown): string[] | null {
  if (typeof one !== 'object' || typeof other !== 'object') return null;
  if (one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return null;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

function memberOf(value: unknown, key: string): unknown {
  const record = value as Record<string, unknown>;
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function row(path: string, before: unknown, after: unknown): DiffRow {
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return {
    path,
    kind,
    before: before === undefined ? null : shortJson(before),
    after: after === undefined ? null : shortJson(after),
  };
}

function joined(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${path}[${shortJson(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
