/** The events of one machine in a recording of `ixgate inspector`. */
import type { EventObject } from 'xstate';
import { objectIn } from './object-lines.js';

type Values = Readonly<Record<string, unknown>>;

/** What a line tells of the actors of a machine. */
export type RecordedLine =
  /** An actor of the machine got an event; `xstate.init` starts it. */
  | { readonly kind: 'event'; readonly actor: string; readonly event: EventObject }
  /** Messages of an app are missing: the states of these actors are not known any more. */
  | { readonly kind: 'gap'; readonly actors: readonly string[] };

/** Whether a line is one of such a recording. */
export function isRecordedLine({ app, at }: Values): boolean {
  return typeof app === 'string' && typeof at === 'number';
}

export class RecordedActors {
  readonly #machine: string;
  /** The actors of the machine, by app. */
  readonly #actors = new Map<string, Set<string>>();

  /** @param machine id of the machine */
  constructor(machine: string) {
    this.#machine = machine;
  }

  /** @returns null for messages that change no count */
  take(line: Values): RecordedLine | null {
    const app = typeof line.app === 'string' ? line.app : null;
    // Without an app it is the mark of the writer, which could not write the messages of any app.
    if (line.gap !== undefined) return { kind: 'gap', actors: this.#forget(app) };
    // Messages were lost with the connection before.
    const isAgain = line.connected === true && app !== null && this.#actors.has(app);
    if (isAgain) return { kind: 'gap', actors: this.#forget(app) };
    const { type, sessionId, definition, event } = Object(line.message) as Values;
    if (type === '@ixgate.gap') return { kind: 'gap', actors: this.#forget(app) };
    if (app === null || typeof sessionId !== 'string') return null;
    const actor = `${app} ${sessionId}`;
    if (type === '@xstate.actor') {
      if (this.#isMachine(definition)) this.#actorsOf(app).add(actor);
      return null;
    }
    const isOurs = type === '@xstate.event' && this.#actors.get(app)?.has(actor);
    if (!isOurs || typeof (Object(event) as Values).type !== 'string') return null;
    return { kind: 'event', actor, event: event as EventObject };
  }

  #isMachine(definition: unknown): boolean {
    const config = typeof definition === 'string' ? objectIn(definition) : null;
    return config !== null && (config.id ?? '(machine)') === this.#machine;
  }

  #actorsOf(app: string): Set<string> {
    const known = this.#actors.get(app) ?? new Set<string>();
    this.#actors.set(app, known);
    return known;
  }

  #forget(app: string | null): string[] {
    const apps = app === null ? [...this.#actors.keys()] : [app];
    return apps.flatMap((one) => [...(this.#actors.get(one) ?? [])]);
  }
}
