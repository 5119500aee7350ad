// The output of a process, line by line; the end of the process rejects pending reads.
import { createInterface } from 'node:readline';

export class LineReader {
  #lines = [];
  #waiting = [];
  #ended = null;
  #told = '';

  constructor(child, name) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting.resolve(line);
      else this.#lines.push(line);
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#told = `${this.#told}${text}`.slice(-2_000);
    });
    const end = (why) => {
      this.#ended = new Error(`${name} ended: ${why} ${this.#told}`.trim());
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(`${signal ?? `exit code ${code}`}.`));
  }

  /** The next line. @throws when the process ends first */
  next() {
    if (this.#lines.length > 0) return Promise.resolve(this.#lines.shift());
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
