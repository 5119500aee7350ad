/**
 * One thread of Node in the hands of fast-check's scheduler: which delivery, verdict or turn of the clock comes next is drawn
 * from a seed. Time stands still but for the turns, so that nothing is ever too slow.
 */
import fc, { type Scheduler } from 'fast-check';
import { afterEach, beforeEach, vi } from 'vitest';

/** What a run may take; one that takes more does not come to rest. */
const mostTasks = 3_000;

const realImmediate = globalThis.setImmediate;
/** Promises and their like have run when this resolves. */
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

/** Timers and immediates that wait. */
export function pendingTimers(): number {
  return vi.getTimerCount() + immediates.size;
}

/**
 * The number of an interleaving. fast-check's arbitrary for schedulers is no argument of a property here: the copies it makes while
 * a failure is shrunk share their state (4.10), and the path that is printed then leads to another interleaving.
 */
export const anyOrder: fc.Arbitrary<number> = fc.noShrink(fc.nat());

export class Interleaving {
  /** What happened, in order, for people and for comparisons. */
  readonly trace: string[] = [];
  /** The tasks by their labels, in order, as `told` takes them. */
  readonly order: string[] = [];
  /** Timers of connections that are closed and wait for their peers. */
  lingering = 0;
  readonly #scheduler: Scheduler;
  /** What the task that was run last does; null where it was put off. */
  #underWay: Promise<unknown> | null = null;
  readonly #patience: number;
  #turnIsDue = false;
  #idleTurns = 0;

  /**
   * What an interleaving before this one has left, because it failed, is dropped.
   * @param order its number, or a scheduler that is told the order.
   * @param patience turns, 1 or more, until time passes while there is anything else that could happen: the more, the faster is everything but the clock.
   */
  constructor(order: number | Scheduler, patience: number) {
    this.#scheduler = typeof order === 'number' ? schedulerOf(order) : order;
    this.#patience = patience;
    vi.clearAllTimers();
    immediates.clear();
  }

  /**
   * Has something happen, at any moment from now on.
   * @param put how often it is put off, so that it does not come before everything else.
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

  /** Runs until nothing is left that could happen. What a task throws ends it. */
  async rest(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      throw this.blame(error);
    }
  }

  /** Timers that are none of the connections': those of the adapters. */
  get timers(): number {
    return vi.getTimerCount() - this.lingering;
  }

  /** What was wrong, with what led to it: the beginning, where it is long. */
  blame(error: unknown): Error {
    const order = this.order.slice(0, 200).map((label) => `'${label}'`);
    const trace = this.trace.slice(0, 200).join('\n');
    const text = `${(error as Error).message}\n\n${trace}\n\ntold(${order.join(', ')})`;
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

  /** While there are timers or immediates, the next turn of the loop is one of the things that can happen. */
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

  /** Node runs all that are due at one time before it reads from a socket again. */
  async #nextTimers(): Promise<void> {
    const before = Date.now();
    vi.advanceTimersToNextTimer();
    this.say(`(${Date.now() - before} ms later)`);
    await settled();
    vi.advanceTimersByTime(0);
  }
}

/** Those that are there; what they set comes in the turn after. */
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
