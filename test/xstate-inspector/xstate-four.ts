import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process with a service of xstate 4, called `door`, that any viewer may watch. */
export class ShownService {
  readonly sessionId: string;
  readonly port: number;
  readonly #child: ChildProcess;
  #viewers = 0;
  #wake: () => void = () => {};

  private constructor(child: ChildProcess, port: number, sessionId: string) {
    this.#child = child;
    this.port = port;
    this.sessionId = sessionId;
    child.on('message', ({ viewers }: { viewers: number }) => {
      this.#viewers = viewers;
      this.#wake();
    });
  }

  /** @param port where to listen; 0 lets the system choose. */
  static async start(port = 0): Promise<ShownService> {
    const child = fork('test/xstate-inspector/xstate-four-child.mjs', [String(port)]);
    const [said] = (await once(child, 'message')) as [{ port: number; sessionId: string }];
    return new ShownService(child, said.port, said.sessionId);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  send(event: { type: string; [key: string]: unknown }): void {
    this.#child.send(event);
  }

  /** Resolves when so many viewers are connected. */
  async viewers(count: number): Promise<void> {
    while (this.#viewers !== count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
