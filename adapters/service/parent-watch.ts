/** Milliseconds between two checks of the parent process. */
const interval = 500;

export interface ParentWatchOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly parent?: () => number;
}

/**
 * Calls `gone` once when the parent process has exited, but only under npm or npx: they exit on SIGTERM and may leave the program behind.
 * On Windows the parent's id never changes, so `gone` is never called.
 */
export class ParentWatch implements Disposable {
  readonly #timer: NodeJS.Timeout | null = null;

  constructor(
    gone: () => void,
    { env = process.env, parent = () => process.ppid }: ParentWatchOptions = {},
  ) {
    const { npm_execpath, npm_lifecycle_event, npm_command } = env;
    if (!npm_execpath && !npm_lifecycle_event && !npm_command) return;
    const first = parent();
    this.#timer = setInterval(() => {
      if (parent() === first) return;
      this[Symbol.dispose]();
      gone();
    }, interval).unref();
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearInterval(this.#timer);
  }
}
