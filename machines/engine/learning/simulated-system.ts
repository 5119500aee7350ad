/** A system under test in simulated time, with the noise of a network if wanted. */
import { generatorOf } from '../testgen/random.js';
import { silence, type TimedMachine } from './timed-machine.js';
import { TimedRun } from './timed-run.js';
import type { Play, PlayedStep, PlayPatience, TimedSystem, WordStep } from './timed-system.js';

/** One connection to a simulated server. */
export interface SimulatedSession {
  /** Milliseconds until its next timer expires; null when no timer runs. */
  readonly left: number | null;
  readonly isClosed: boolean;
  send(input: string): void;
  pass(milliseconds: number): void;
  /** The outputs since the last call; `closed` is the end of the connection. */
  seen(): readonly { readonly output: string }[];
}

export interface SimulatedSystemOptions {
  readonly inputs: readonly string[];
  readonly connect: () => SimulatedSession;
  /** Milliseconds. */
  readonly horizon: number;
  readonly tolerance: number;
  /** Maximum milliseconds that an input or output is late, at random. @default 0 */
  readonly jitter?: number;
  /** How often a timeout comes late by three tolerances, from 0 to 1. @default 0 */
  readonly outliers?: number;
  /** How often an answer comes after the patience, from 0 to 1. @default 0 */
  readonly late?: number;
  /** @default 1 */
  readonly seed?: number;
}

export class SimulatedSystem implements TimedSystem {
  readonly inputs: readonly string[];
  readonly horizon: number;
  readonly tolerance: number;
  readonly #options: SimulatedSystemOptions;
  readonly #random: () => number;

  constructor(options: SimulatedSystemOptions) {
    this.#options = options;
    this.inputs = options.inputs;
    this.horizon = options.horizon;
    this.tolerance = options.tolerance;
    this.#random = generatorOf(options.seed ?? 1);
  }

  play(word: readonly WordStep[], { factor }: PlayPatience): Promise<Play> {
    const { connect, jitter = 0, outliers = 0, late = 0 } = this.#options;
    const session = connect();
    session.seen();
    const steps: PlayedStep[] = [];
    let now = 0;
    const pass = (milliseconds: number) => {
      session.pass(milliseconds);
      now += milliseconds;
    };
    let waiting: string[] = [];
    const note = (input: string, at: number) => {
      const outputs = [...waiting, ...session.seen().map(({ output }) => output)];
      const isLate = input !== silence && factor === 1 && this.#random() < late;
      waiting = isLate && !session.isClosed ? outputs : [];
      const output = waiting.length > 0 ? '' : outputs.join(' ');
      steps.push({ input, output, at, isClosed: session.isClosed });
    };
    /** @returns whether something happened */
    const wait = (limit: number): boolean => {
      if (waiting.length > 0) {
        note(silence, now);
        return true;
      }
      const { left } = session;
      if (left === null || left > limit) {
        pass(limit);
        return false;
      }
      pass(left);
      const delay = this.#random() < outliers ? 3 * this.tolerance : 0;
      note(silence, now + delay + this.#random() * jitter);
      return true;
    };
    for (const { input, pause } of word) {
      if (pause > 0 && wait(pause)) break;
      if (input === silence) {
        if (!wait(this.horizon)) note(silence, now);
      } else {
        const at = now;
        pass(this.#random() * jitter);
        session.send(input);
        note(input, at);
      }
      if (session.isClosed) break;
    }
    return Promise.resolve({ steps, stalled: 0 });
  }
}

/** A session with a machine, e.g. to learn it again. */
export function sessionOf(machine: TimedMachine, tolerance: number): SimulatedSession {
  const run = new TimedRun(machine, tolerance);
  let seen: { output: string }[] = [];
  let now = 0;
  const take = (input: string) => {
    if (run.state.isClosed) return;
    for (const output of run.take(input, now).split(' ')) if (output) seen.push({ output });
  };
  return {
    get left() {
      return run.deadline === null ? null : run.deadline - now;
    },
    get isClosed() {
      return run.state.isClosed;
    },
    send: take,
    pass(milliseconds) {
      const end = now + milliseconds;
      for (let { deadline } = run; deadline !== null && deadline <= end; { deadline } = run) {
        now = deadline;
        take(silence);
      }
      now = end;
    },
    seen() {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
}
