import type { GateView, SessionInfo, ViewEvents } from '../../server/index.js';
import { type SerializedEvent, serializeArgument } from './serialized.js';

/** Milliseconds between two batches. */
const interval = 20;
/** Maximum backlog of events for a slow reader; steps beyond it are dropped. */
const maxBacklog = 50_000;

/** What happened in a gate since the previous batch. */
export interface EventBatch {
  /** Events in order; with steps if the reader needs them. */
  readonly events: readonly SerializedEvent[];
  /** Steps that were dropped because the reader is too slow. */
  readonly droppedSteps: number;
  /** Current state of sessions that are new or changed. */
  readonly sessions: readonly SessionInfo[];
}

export interface EventBatcherOptions {
  /** The events that batches contain. */
  readonly events: readonly (keyof ViewEvents)[];
  /** Whether batches contain steps, too. */
  readonly steps: boolean;
  /** Whether sessions that took a step count as changed, also without the steps. @default false */
  readonly watchesSteps?: boolean;
  /** Sends a batch. Must not reject. The next one waits for it. */
  send(batch: EventBatch): Promise<void>;
}

type Listener = readonly [name: keyof ViewEvents, listener: (...args: unknown[]) => void];

/** Collects the events of a gate and sends them in batches, one at a time. */
export class EventBatcher {
  readonly #gate: Pick<GateView, 'on' | 'off' | 'session'>;
  readonly #options: EventBatcherOptions;
  readonly #listeners: readonly Listener[];
  #events: SerializedEvent[] = [];
  #droppedSteps = 0;
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;
  /** Whether there is something to send. */
  #isWanted = false;

  constructor(gate: Pick<GateView, 'on' | 'off' | 'session'>, options: EventBatcherOptions) {
    this.#gate = gate;
    this.#options = options;
    const { events, steps, watchesSteps = false } = options;
    const all: readonly (keyof ViewEvents)[] = steps || watchesSteps ? [...events, 'step'] : events;
    this.#listeners = all.map((name) => [name, (...args) => this.#happened(name, args)]);
    for (const [name, listener] of this.#listeners) gate.on(name, listener);
  }

  /** Sends a batch soon, even without events. */
  ask(): void {
    this.#isWanted = true;
    if (this.#timer !== null || this.#isSending) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, interval);
  }

  /** Sends a batch now and resolves when it is sent. */
  async flush(): Promise<void> {
    const sessions = [...this.#touched].flatMap((id) => this.#gate.session(id)?.info() ?? []);
    const batch = { events: this.#events, droppedSteps: this.#droppedSteps, sessions };
    this.#events = [];
    this.#droppedSteps = 0;
    this.#touched = new Set();
    this.#isWanted = false;
    this.#isSending = true;
    await this.#options.send(batch);
    this.#isSending = false;
    if (this.#isWanted) this.ask();
  }

  /** Stops listening, and drops unsent events. */
  close(): void {
    for (const [name, listener] of this.#listeners) this.#gate.off(name, listener);
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isWanted = false;
  }

  #happened(name: keyof ViewEvents, args: readonly unknown[]): void {
    const isStep = name === 'step';
    if (isStep && this.#options.steps && this.#events.length >= maxBacklog) {
      this.#droppedSteps += 1;
      return;
    }
    if (!isStep || this.#options.watchesSteps) this.#touch(isStep, args[0]);
    if (!isStep || this.#options.steps) this.#events.push([name, ...args.map(serializeArgument)]);
    this.ask();
  }

  /** The session of an event has changed. */
  #touch(isStep: boolean, first: unknown): void {
    const { id, session } = (first ?? {}) as { readonly id?: unknown; readonly session?: unknown };
    const found = isStep ? session : id;
    if (typeof found === 'string') this.#touched.add(found);
  }
}
