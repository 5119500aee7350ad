import type { Connection } from '../../adapters/net/transports/index.js';

/** The calls of a connection to its handlers, in order, with a way to wait for one. */
export class Recorded {
  readonly connection: Connection;
  /** data, end, drain, closed, fault:too-long ... */
  readonly calls: string[] = [];
  readonly frames: Buffer[] = [];
  readonly kinds: string[] = [];
  /** undefined until `closed`. */
  error: Error | null | undefined;
  /** Called for each call. */
  onCall: (call: string) => void = () => {};
  #size = 0;
  readonly #waiting = new Set<() => void>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  start(): this {
    this.connection.start({
      data: (chunk, kind) => {
        this.frames.push(Buffer.from(chunk));
        this.#size += chunk.length;
        this.kinds.push(kind);
        this.#called('data');
      },
      end: () => this.#called('end'),
      drain: () => this.#called('drain'),
      fault: (kind) => this.#called(`fault:${kind}`),
      closed: (error) => {
        this.error = error;
        this.#called('closed');
      },
    });
    return this;
  }

  /** Bytes received. */
  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.frames);
  }

  get text(): string {
    return this.bytes.toString();
  }

  get isClosed(): boolean {
    return this.error !== undefined;
  }

  count(call: string): number {
    return this.calls.filter((one) => one === call).length;
  }

  /** Resolves when a condition holds; checked after every call. */
  until(condition: (recorded: this) => boolean): Promise<void> {
    if (condition(this)) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!condition(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  closed(): Promise<void> {
    return this.until((recorded) => recorded.isClosed);
  }

  #called(call: string): void {
    this.calls.push(call);
    this.onCall(call);
    for (const look of [...this.#waiting]) look();
  }
}
