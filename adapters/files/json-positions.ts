/** Positions of values in a JSON text that `JSON.parse` accepts. */

/** The keys and indexes that lead to a value. */
export type KeyPath = readonly (string | number)[];

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * The offset of a value, or of its nearest parent when it is missing.
 * @param text valid JSON.
 */
export function offsetOf(text: string, keyPath: KeyPath): number {
  let place = 0;
  walk(text, (path, at) => {
    if (path.length <= keyPath.length && path.every((key, depth) => key === keyPath[depth])) {
      place = at;
    }
  });
  return place;
}

/**
 * The offset of the first key that its object already has; null when all keys are unique.
 * @param text valid JSON.
 */
export function duplicateKeyIn(text: string): number | null {
  return walk(text, () => {});
}

/** The line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (
    let end = text.indexOf('\n');
    end !== -1 && end < offset;
    end = text.indexOf('\n', end + 1)
  ) {
    line += 1;
  }
  return line;
}

/** The line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  return { line: lineAt(text, offset), column: offset - lineStart + 1 };
}

/**
 * Visits every value, parents first. It has an explicit stack: a text may be nested deeper than the call stack allows.
 * @param visit called with the path of the value, in an array that changes afterwards, and its offset.
 * @returns the offset of the first duplicate key; null when all keys are unique.
 */
function walk(text: string, visit: (path: KeyPath, at: number) => void): number | null {
  const path: (string | number)[] = [];
  /** The keys of each open object; null for a list. */
  const open: (Set<string> | null)[] = [];
  let duplicate: number | null = null;
  let isKey = false;
  for (let at = 0; at < text.length; ) {
    const keys = open.at(-1);
    switch (text[at]) {
      case '{':
      case '[':
        visit(path, at);
        isKey = text[at] === '{';
        open.push(isKey ? new Set() : null);
        path.push(0);
        at += 1;
        break;
      case '}':
      case ']':
        open.pop();
        path.pop();
        at += 1;
        break;
      case ',':
        if (keys) isKey = true;
        else path.push(Number(path.pop()) + 1);
        at += 1;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (isKey && keys) {
          const key: string = JSON.parse(text.slice(at, end));
          if (keys.has(key)) duplicate ??= at;
          keys.add(key);
          path[path.length - 1] = key;
          isKey = false;
        } else visit(path, at);
        at = end;
        break;
      }
      case ':':
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        at += 1;
        break;
      default:
        visit(path, at);
        at = endOfWord(text, at);
    }
  }
  return duplicate;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length && text[at] !== '"'; at += 1) {
    if (text[at] === '\\') at += 1;
  }
  return at + 1;
}

/** The end of a number, or of `true`, `false` or `null`. */
function endOfWord(text: string, start: number): number {
  const word = /[^\s,\]}]+/y;
  word.lastIndex = start;
  word.test(text);
  return word.lastIndex;
}
