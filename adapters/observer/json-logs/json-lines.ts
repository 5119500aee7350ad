/** Reads logs with one JSON object a line: the part that all such formats share. */
import type { Place } from '../../../machines/registration/observer/events.js';
import type { Inference } from '../../../machines/registration/session/marks.js';
import type { LineCounts, LogReader, LogSink, LogSource } from '../log-reader.js';

/** An unchecked JSON object of a log. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The place of a line, for its events. */
export interface Where {
  readonly place: Place;
  readonly inferred: readonly Inference[];
}

/** The result of a line: used, ignored, or the reason why it cannot be read. */
export type Outcome = 'used' | 'ignored' | { readonly damage: string };

/** The callbacks of a format for its lines. */
export interface JsonLines {
  /** @param text the object's text in the log. */
  take(object: JsonObject, text: string, where: Where): Outcome;
  /** Called for a line that cannot be read. */
  unread(isRecord: boolean, where: Where): void;
  /** Whether an incomplete last line that is not JSON is the beginning of a record. */
  isBeginning(text: string): boolean;
  /** Called when the log ends in the middle of a record. */
  cut(where: Where): void;
}

/** Length in characters from which a line may be nested deeper than the stack allows. */
const shallow = 2_000;
/** Maximum depth of nested objects and lists; deeper lines are damage. */
const mostDepth = 200;

const readAsUtf8: readonly Inference[] = [];
const readAsLatin1: readonly Inference[] = ['encoding'];

/** Reads a log with one JSON object a line. Empty lines are ignored. */
export class JsonLineReader implements LogReader {
  readonly #file: string;
  readonly #sink: LogSink;
  readonly #lines: JsonLines;
  #line = 0;
  #used = 0;
  #ignored = 0;
  #damaged = 0;
  /** An invalid line, which may be incomplete if it is the last one. */
  #held: { readonly text: string; readonly where: Where } | null = null;

  constructor({ file }: LogSource, sink: LogSink, lines: JsonLines) {
    this.#file = file;
    this.#sink = sink;
    this.#lines = lines;
  }

  get counts(): LineCounts {
    const [used, ignored, damaged] = [this.#used, this.#ignored, this.#damaged];
    return { read: used + ignored + damaged, used, ignored, damaged };
  }

  take(text: string, isLatin1: boolean): void {
    this.#release();
    const where = this.#next(isLatin1);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      if (text.trim() === '') this.#ignored += 1;
      else this.#held = { text, where };
      return;
    }
    if (!isObject(value)) this.#damage('JSON, but no object', false, where);
    else if (isTooDeep(value, text)) this.#damage(tooDeep, true, where);
    else {
      const outcome = this.#lines.take(value, text, where);
      if (outcome === 'used') this.#used += 1;
      else if (outcome === 'ignored') this.#ignored += 1;
      else this.#damage(outcome.damage, true, where);
    }
  }

  skip(reason: string): void {
    this.#release();
    this.#damage(reason, true, this.#next(false));
  }

  end(isTorn: boolean): void {
    const held = this.#held;
    if (!isTorn || !held || !this.#lines.isBeginning(held.text)) {
      this.#release();
      return;
    }
    this.#held = null;
    this.#ignored += 1;
    this.#lines.cut(held.where);
  }

  #next(isLatin1: boolean): Where {
    this.#line += 1;
    const inferred = isLatin1 ? readAsLatin1 : readAsUtf8;
    return { place: { file: this.#file, line: this.#line }, inferred };
  }

  #release(): void {
    if (!this.#held) return;
    const { text, where } = this.#held;
    this.#held = null;
    this.#damage('not JSON', text.trimStart().startsWith('{'), where);
  }

  /** @param isRecord whether it looks like a record. */
  #damage(reason: string, isRecord: boolean, where: Where): void {
    this.#damaged += 1;
    this.#sink.damage({ ...where.place, lines: 1, reason });
    this.#lines.unread(isRecord, where);
  }
}

/** The JSON objects among the first lines of a file, without an incomplete last line. */
export function* objectsOf(head: readonly string[]): Generator<JsonObject> {
  for (const text of head) {
    if (!text.trimStart().startsWith('{')) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      continue;
    }
    if (isObject(value)) yield value;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const tooDeep = `nested deeper than ${mostDepth}`;

/** @param text the source text. */
export function isTooDeep(value: unknown, text: string): boolean {
  return text.length > shallow && isDeeper(value, mostDepth);
}

function isDeeper(value: unknown, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (than === 0) return true;
  for (const inner of Object.values(value)) if (isDeeper(inner, than - 1)) return true;
  return false;
}
