/** Simulated time, with what promises do between two timers. XState's simulated clock fires many timers without a turn between them. */
import type { MemberClock } from '../../adapters/directory/member-clock.js';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Resolves when all promises that can be settled without timers and sockets are settled. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The time of a simulated world. */
export class SimulatedTime {
  /** Milliseconds since 1970. */
  now = Date.UTC(2026, 0, 1);
  /** By time. */
  readonly #timers: Timer[] = [];

  setTimeout(fire: () => void, ms: number): Timer {
    const timer = { at: this.now + Math.max(0, ms), fire };
    if (timer.at === Number.POSITIVE_INFINITY) return timer;
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1] as Timer).at > timer.at) place -= 1;
    this.#timers.splice(place, 0, timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    const place = this.#timers.indexOf(timer as Timer);
    if (place >= 0) this.#timers.splice(place, 1);
  }

  /** Lets time pass. @param ms 0 only settles promises */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    await turn();
    for (let next = this.#timers[0]; next && next.at <= end; next = this.#timers[0]) {
      this.now = next.at;
      while (this.#timers[0] && this.#timers[0].at <= this.now) this.#timers.shift()?.fire();
      await turn();
    }
    this.now = end;
  }
}

/** The clocks of a simulated process, which can be paused or killed, and whose wall clock can jump. */
export class ProcessClock implements MemberClock {
  readonly takesNever = true;
  readonly #time: SimulatedTime;
  /** What has to be done when the process goes on; null while it runs. */
  #held: Set<() => void> | null = null;
  /** What is left to do after a pause. */
  #resumed = new Set<() => void>();
  #isKilled = false;
  /** Milliseconds that the wall clock is ahead. */
  wallOffset = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get isPaused(): boolean {
    return this.#held !== null;
  }

  now(): number {
    return this.#time.now;
  }

  wall(): number {
    return this.#time.now + this.wallOffset;
  }

  setTimeout(fire: () => void, ms: number): { readonly timer: Timer; readonly run: () => void } {
    const run = () => fire();
    return { run, timer: this.#time.setTimeout(() => this.whenRunning(run), ms) };
  }

  clearTimeout(id: ReturnType<ProcessClock['setTimeout']> | undefined): void {
    if (!id) return;
    this.#time.clearTimeout(id.timer);
    this.#held?.delete(id.run);
    this.#resumed.delete(id.run);
  }

  /** Runs an event of the process at once, or when the process is resumed. */
  whenRunning(run: () => void): void {
    if (this.#isKilled) return;
    if (this.#held) this.#held.add(run);
    else run();
  }

  pause(): void {
    this.#held ??= new Set();
  }

  /** @param order of what has happened meanwhile. @default as it happened */
  async resume(order: (held: (() => void)[]) => (() => void)[] = (held) => held): Promise<void> {
    this.#resumed = this.#held ?? new Set();
    this.#held = null;
    for (const run of order([...this.#resumed])) {
      // It may have been a timer that was cleared meanwhile.
      if (!this.#resumed.delete(run)) continue;
      run();
      await turn();
    }
  }

  kill(): void {
    this.#isKilled = true;
  }
}
