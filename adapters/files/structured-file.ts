/** JSON and YAML files that people write: every complaint names the file and, where it is known, the line. */
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { FileError, unreadable } from './file-error.js';
import { duplicateKeyIn, type KeyPath, lineAt, offsetOf } from './json-positions.js';
import { jsonProblem } from './json-problem.js';

export interface StructuredFile {
  readonly path: string;
  readonly value: unknown;
  /** The line a value stands on, 1 and up; its nearest parent's when it is missing; null when there is none. */
  lineOf(keyPath: KeyPath): number | null;
}

/** The endings a file may have. Everything else is read as YAML, of which JSON is a part. */
const jsonEnding = '.json';

/**
 * Reads a JSON or YAML file.
 * @param folder where a relative path starts. @default the working directory
 * @throws {FileError}
 */
export async function readStructuredFile(path: string, folder = ''): Promise<StructuredFile> {
  return parseStructured(path, await readText(path, folder));
}

/**
 * Reads a text file.
 * @param folder where a relative path starts. @default the working directory
 * @throws {FileError} saying in words why it cannot be read.
 */
export async function readText(path: string, folder = ''): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Reads the text of a JSON (`.json`) or YAML file. A text with another ending that is valid JSON is read as JSON, which takes a
 * fraction of the time and memory. Keys that stand twice in one place are an error in both.
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
  const doubled = duplicateKeyIn(text);
  if (doubled !== null) throw new FileError(path, lineAt(text, doubled), 'Map keys must be unique');
  return { path, value, lineOf: (keyPath) => lineAt(text, offsetOf(text, keyPath)) };
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
    lineOf: (keyPath) => lineOf(document, counter, keyPath),
  };
}

function toValue(path: string, document: Document): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases that multiply beyond measure.
    // What stands there after the colon is the value, which may be secret.
    const problem = (cause as Error).message.replace(/\): .*$/s, ')');
    throw new FileError(path, null, oneLine(problem), { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const line = firstBadLine(text);
    throw new FileError(path, line, `is no JSON: ${oneLine(jsonProblem(cause))}`, { cause });
  }
}

/** The first line after which the text can no longer become JSON. V8's own message often has no position. */
function firstBadLine(text: string): number {
  const ends: number[] = [];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) ends.push(end);
  ends.push(text.length);
  let good = -1;
  let bad = ends.length - 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canGoOn(text.slice(0, ends[middle]))) good = middle;
    else bad = middle;
  }
  return bad + 1;
}

function canGoOn(start: string): boolean {
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

function lineOf(document: Document, counter: LineCounter, keyPath: KeyPath): number | null {
  for (let length = keyPath.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(keyPath.slice(0, length), true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return null;
}
