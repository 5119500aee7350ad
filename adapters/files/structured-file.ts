/** JSON and YAML files that people write. Errors name the file and, if known, the line. */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { FileError, unreadable } from './file-error.js';
import {
  duplicateKeyIn,
  type KeyPath,
  lineAt,
  offsetOf,
  type Position,
  positionAt,
} from './json-positions.js';
import { jsonProblem } from './json-problem.js';

export interface StructuredFile {
  readonly path: string;
  readonly value: unknown;
  /** The line of a value, counted from 1; the line of its nearest parent when it is missing; null if unknown. */
  lineOf(keyPath: KeyPath): number | null;
  /** The same with the column. */
  positionOf(keyPath: KeyPath): Position | null;
}

/** The ending of JSON files. Files with other endings are read as YAML, which includes JSON. */
const jsonEnding = '.json';

/**
 * Reads a JSON or YAML file.
 * @param folder base of a relative path. @default the working directory
 * @throws {FileError}
 */
export async function readStructuredFile(path: string, folder = ''): Promise<StructuredFile> {
  return parseStructured(path, await readText(path, folder));
}

/**
 * Reads a text file.
 * @param folder base of a relative path. @default the working directory
 * @throws {FileError} with the reason.
 */
export async function readText(path: string, folder = ''): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Parses the text of a JSON (`.json`) or YAML file. A text with another ending that is valid JSON is parsed as JSON, which takes a
 * fraction of the time and memory. Duplicate keys are an error in both.
 * @throws {FileError}
 */
export function parseStructured(path: string, source: string): StructuredFile {
  const text = source.replace(/^\uFEFF/, '');
  if (extname(path).toLowerCase() === jsonEnding) return asJson(path, text, parseJson(path, text));
  if (/^\s*[[{]/.test(text)) {
    const parsed = parsedOrNull(text);
    if (parsed) return asJson(path, text, parsed.value);
  }
  return asYaml(path, text);
}

function asJson(path: string, text: string, value: unknown): StructuredFile {
  const duplicate = duplicateKeyIn(text);
  if (duplicate !== null)
    throw new FileError(path, lineAt(text, duplicate), 'Map keys must be unique');
  return {
    path,
    value,
    lineOf: (keyPath) => lineAt(text, offsetOf(text, keyPath)),
    positionOf: (keyPath) => positionAt(text, offsetOf(text, keyPath)),
  };
}

function parsedOrNull(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function asYaml(path: string, text: string): StructuredFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) {
    throw new FileError(path, counter.linePos(fault.pos[0]).line, oneLine(fault.message));
  }
  return {
    path,
    value: toValue(path, document),
    lineOf: (keyPath) => positionOf(document, counter, keyPath)?.line ?? null,
    positionOf: (keyPath) => positionOf(document, counter, keyPath),
  };
}

function toValue(path: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // The document has too many aliases, or an alias without an anchor.
    // The text after the colon is the value, which may be secret.
    const problem = (cause as Error).message.replace(/\): .*$/s, ')');
    throw new FileError(path, null, oneLine(problem), { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const line = firstBadLine(text);
    throw new FileError(path, line, `invalid JSON: ${oneLine(jsonProblem(cause))}`, { cause });
  }
}

/** The first line after which the text cannot be completed to valid JSON. The message of V8 often has no position. */
function firstBadLine(text: string): number {
  const ends: number[] = [];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) ends.push(end);
  ends.push(text.length);
  let good = -1;
  let bad = ends.length - 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefix(text.slice(0, ends[middle]))) good = middle;
    else bad = middle;
  }
  return bad + 1;
}

function isPrefix(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('end of JSON input')) return true;
    const position = /at position (\d+)/.exec(message)?.[1];
    return (
      position !== undefined &&
      Number(position) >= start.trimEnd().length &&
      !message.startsWith('Unterminated')
    );
  }
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim();
}

function positionOf(document: Document, counter: LineCounter, keyPath: KeyPath): Position | null {
  for (let length = keyPath.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(keyPath.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = counter.linePos(node.range[0]);
    return { line, column: col };
  }
  return null;
}
