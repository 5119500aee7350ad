/**
 * One thread of Node under the control of fast-check's scheduler: a seed decides which delivery, verdict or turn of the event loop
 * comes next. Time passes only with the turns, so nothing is ever too slow.
 */
import fc, { type Scheduler } from 'fast-check';
import { afterEach, beforeEach, vi } from 'vitest';

/** Maximum number of tasks of a run; one that exceeds it does not come to rest. */
const mostTasks = 3_000;

const realImmediate = globalThis.setImmediate;
/** Resolves when pending promise callbacks have run. */
export const settled = () => new Promise<void>((resolve) => void realImmediate(resolve));

const immediates = new Map<number, () => void>();
let lastImmediate = 0;

/** Call once at the top of a test file: its timers and immediates wait for an interleaving to run them. */
export function holdTheLoop(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
    vi.stubGlobal('setImmediate', (run: (...args: unknown[]) => void, ...args: unknown[]) => {
      lastImmediate += 1;
      immediates.set(lastImmediate, () => run(...args));
      return lastImmediate;
    });
    vi.stubGlobal('clearImmediate', (id: number) => immediates.delete(id));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}

/** Waiting timers and immediates. */
export function pendingTimers(): number {
  return vi.getTimerCount() + immediates.size;
}

/**
 * The number of an interleaving. fast-check's arbitrary for schedulers is not usable as an argument of a property: the copies it makes while
 * shrinking share their state (4.10), and the printed path then leads to another interleaving.
 */
export const anyOrder: fc.Arbitrary<number> = fc.noShrink(fc.nat());

export class Interleaving {
  /** The events, in order, for people and for comparisons. */
  readonly trace: string[] = [];
  /** The tasks by their labels, in order, as `inOrder` takes them. */
  readonly order: string[] = [];
  /** Timers of connections that are closed and wait for their peers. */
  lingering = 0;
  readonly #scheduler: Scheduler;
  /** The work of the task that ran last; null if it was postponed. */
  #underWay: Promise<unknown> | null = null;
  readonly #patience: number;
  #turnIsDue = false;
  #idleTurns = 0;

  /**
   * Pending tasks of an earlier, failed interleaving are dropped.
   * @param order its number, or a scheduler with a given order
   * @param patience turns, 1 or more, before time passes while other tasks are left: the higher, the faster everything is compared with the clock
   */
  constructor(order: number | Scheduler, patience: number) {
    this.#scheduler = typeof order === 'number' ? schedulerOf(order) : order;
    this.#patience = patience;
    vi.clearAllTimers();
    immediates.clear();
  }

  /**
   * Schedules a task for any moment from now on.
   * @param put how often it is postponed, so that it does not run before everything else
   */
  later(label: string, run: () => unknown, put = 0): void {
    void this.#scheduler.schedule(Promise.resolve(), label).then(() => {
      this.order.push(label);
      this.#underWay = put > 0 ? null : (async () => run())();
      if (put > 0) this.later(label, run, put - 1);
    });
  }

  say(text: string): void {
    this.trace.push(text);
  }

  /** Runs until no task is left. An error of a task ends it. */
  async rest(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      throw this.blame(error);
    }
  }

  /** Timers of the adapters, without those of the connections. */
  get timers(): number {
    return vi.getTimerCount() - this.lingering;
  }

  /** Describes a failure with the events before it, shortened if it is long. */
  blame(error: unknown): Error {
    const order = this.order.slice(0, 200).map((label) => `'${label}'`);
    const trace = this.trace.slice(0, 200).join('\n');
    const text = `${(error as Error).message}\n\n${trace}\n\ninOrder(${order.join(', ')})`;
    return new Error(text, { cause: error });
  }

  async #run(): Promise<void> {
    await settled();
    this.#scheduleTurn();
    while (this.#scheduler.count() > 0) {
      if (this.order.length > mostTasks) throw new Error('it does not come to rest');
      await this.#scheduler.waitNext(1);
      if (this.#underWay === null) continue;
      await this.#underWay;
      await settled();
      this.#scheduleTurn();
    }
  }

  /** While there are timers or immediates, the next turn of the loop is one of the possible tasks. */
  #scheduleTurn(): void {
    if (this.#turnIsDue || pendingTimers() === 0) return;
    this.#turnIsDue = true;
    this.later('turn', async () => {
      this.#turnIsDue = false;
      this.#idleTurns += 1;
      if (immediates.size > 0) await runImmediates();
      else if (this.#idleTurns < this.#patience && this.#scheduler.count() > 0) return;
      else await this.#nextTimers();
      this.#idleTurns = 0;
    });
  }

  /** Node runs all timers that are due at one time before it reads from a socket again. */
  async #nextTimers(): Promise<void> {
    const before = Date.now();
    vi.advanceTimersToNextTimer();
    this.say(`(${Date.now() - before} ms later)`);
    await settled();
    vi.advanceTimersByTime(0);
  }
}

/** The existing immediates; those that they set run in the next turn. */
async function runImmediates(): Promise<void> {
  for (const id of [...immediates.keys()]) {
    const run = immediates.get(id);
    immediates.delete(id);
    run?.();
    await settled();
  }
}

/** Draws from the number alone. */
function schedulerOf(seed: number): Scheduler {
  const [scheduler] = fc.sample(fc.scheduler(), { seed, numRuns: 1 });
  return scheduler as Scheduler;
}
