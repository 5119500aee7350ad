import { problemOfLine } from '../support/log-schema.js';

/** The output of a command, line by line as a test asks for it. */
export type Line = Record<string, unknown>;

export class LineReader {
  /** Whether each line must be one of the log's schema. */
  isLog = false;
  /** The lines so far, without one that is not complete. */
  stdout = '';
  stderr = '';
  readonly #lines: string[] = [];
  #rest = '';
  #wake: () => void = () => {};
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next line of JSON with this event, skipping others. */
  async event(name: string): Promise<Line> {
    for (;;) {
      const line = JSON.parse(await this.line()) as Line;
      if (line.event === name) return line;
    }
  }

  /** The next line. @throws when the command ended without one. */
  async line(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.#isClosed) throw new Error(`the command ended: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift() ?? '';
  }

  /** Adds output; the end of a line that is not complete yet waits. */
  protected take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#add(line);
    this.#wake();
  }

  /** The command has ended: there are no more lines. */
  protected close(): void {
    if (this.#rest !== '') this.#add(this.#rest, '');
    this.#rest = '';
    this.#isClosed = true;
    this.#wake();
  }

  #add(line: string, end = '\n'): void {
    this.stdout += `${line}${end}`;
    const problem = this.isLog ? problemOfLine(line) : null;
    // The promise that a line fits is of every test: not caught, it fails the run.
    if (problem !== null) {
      queueMicrotask(() => {
        throw new Error(`not of docs/log-schema.json: ${problem}: ${line}`);
      });
    }
    this.#lines.push(line);
  }
}

/** Where a gate listens, as its log says. */
export interface GateRunning {
  /** The first of its endpoints. */
  readonly endpoint: string;
  readonly endpoints: string[];
  readonly port: number;
  readonly admin: string;
}

/** Starts `ixgate serve` on free ports, without admin endpoint unless `args` has one, and waits until it listens. */
export async function listening<Gate extends LineReader>(
  args: readonly string[],
  start: (args: readonly string[]) => Gate,
): Promise<Gate & GateRunning> {
  const listen = args.includes('--listen') ? [] : ['--listen', 'tcp://127.0.0.1:0'];
  const admin = args.includes('--admin') ? [] : ['--admin', 'off'];
  const gate = start(['serve', '--json', ...listen, ...admin, ...args]);
  gate.isLog = true;
  const { endpoints, admin: adminUrl } = await gate.event('listening');
  const [first = ''] = endpoints as string[];
  return Object.assign(gate, {
    endpoint: first,
    endpoints: endpoints as string[],
    port: Number(/:(\d+)$/.exec(first)?.[1]),
    admin: adminUrl as string,
  });
}
