import type { Writable } from 'node:stream';
import { visibleJson } from '../../../machines/text/format.js';

/** Number of characters per write. */
const chunk = 65_536;

/** Writes lines to standard output, in chunks unless they are live. */
export class LinesOut {
  readonly #stream: Writable;
  readonly #isLive: boolean;
  readonly #beforeFirst: () => void;
  #text = '';
  #isFirst = true;

  /**
   * @param stream is standard output
   * @param isLive each line is written at once
   * @param beforeFirst is called before the first line is written
   */
  constructor(stream: Writable, isLive: boolean, beforeFirst: () => void = () => {}) {
    this.#stream = stream;
    this.#isLive = isLive;
    this.#beforeFirst = beforeFirst;
  }

  /** @param line without its end, fit for a terminal */
  line(line: string): void {
    this.#text += `${line}\n`;
    if (this.#isLive || this.#text.length > chunk) this.flush();
  }

  json(value: unknown): void {
    this.line(jsonText(value));
  }

  flush(): void {
    if (this.#text === '') return;
    if (this.#isFirst) this.#beforeFirst();
    this.#isFirst = false;
    this.#stream.write(this.#text);
    this.#text = '';
  }
}

export function jsonText(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}
