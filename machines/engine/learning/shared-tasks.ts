/** Tasks with keys: while a task runs, others who want it wait for it instead of running it again. */
export class SharedTasks {
  readonly #running = new Map<string, Promise<void>>();

  /** @throws what the task throws */
  async run(key: string, task: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key) ?? task();
    this.#running.set(key, running);
    try {
      await running;
    } finally {
      this.#running.delete(key);
    }
  }
}
