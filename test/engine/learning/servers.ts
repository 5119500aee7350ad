/** Simulated servers of the tests. */
import { differencesOf } from '../../../machines/engine/learning/differences.js';
import { type LearnOptions, learn } from '../../../machines/engine/learning/learn.js';
import {
  SimulatedSystem,
  type SimulatedSystemOptions,
} from '../../../machines/engine/learning/simulated-system.js';
import type { ChartTable } from '../../../machines/engine/table/table.js';
import { ServerModel } from '../../../machines/registration/sut/server-model.js';

export const delays = { registrationTimeout: 400, rejectionTimeout: 200 };
export const model = new ServerModel({ delays });
export const inputs = model.inputs.filter((input) => input !== 'wait' && input !== 'silence');

/** The registration, or a chart with a mistake, in simulated time. */
export function registration(
  options: Partial<SimulatedSystemOptions> & { readonly table?: ChartTable | undefined } = {},
) {
  const connect = () => {
    const server = model.connect(options.table);
    return {
      get left() {
        return server.left;
      },
      get isClosed() {
        return server.isClosed;
      },
      send: (input: string) => server.send(input as (typeof inputs)[number]),
      pass: (milliseconds: number) => server.pass(milliseconds),
      seen: () => server.seen(),
    };
  };
  return new SimulatedSystem({ inputs, connect, horizon: 600, tolerance: 20, ...options });
}

/** A server written by hand: what it does on an input, and its timers. */
export function handWritten(
  behave: (server: HandWritten) => (input: string) => void,
  options: Partial<SimulatedSystemOptions> = {},
) {
  return new SimulatedSystem({
    inputs: ['error', 'register'],
    horizon: 600,
    tolerance: 20,
    connect: () => {
      const server = new HandWritten();
      const send = behave(server);
      return Object.assign(server, {
        send: (input: string) => void (server.isClosed || send(input)),
      });
    },
    ...options,
  });
}

/** One connection with named timers, each of which closes it. */
export class HandWritten {
  isClosed = false;
  readonly #timers = new Map<string, number>();
  #seen: { output: string }[] = [];
  #now = 0;

  get left(): number | null {
    return this.#timers.size === 0 ? null : Math.min(...this.#timers.values()) - this.#now;
  }

  say(output: string): void {
    this.#seen.push({ output });
  }

  start(timer: string, milliseconds: number): void {
    this.#timers.set(timer, this.#now + milliseconds);
  }

  stop(timer: string): void {
    this.#timers.delete(timer);
  }

  close(): void {
    this.isClosed = true;
    this.#timers.clear();
    this.say('closed');
  }

  pass(milliseconds: number): void {
    const { left } = this;
    this.#now += milliseconds;
    if (left !== null && left <= milliseconds) this.close();
  }

  seen() {
    return this.#seen.splice(0);
  }
}

/** Learns the registration without a mistake, once. */
let right: ReturnType<typeof learn> | null = null;
export async function differencesFromRight(system: SimulatedSystem, options: LearnOptions = {}) {
  right ??= learn(registration());
  const { machine } = await right;
  const learned = await learn(system, options);
  return { learned, differences: differencesOf(machine, learned.machine, system.tolerance) };
}
