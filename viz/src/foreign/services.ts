/** The services of a process, from the events of the genuine receiver. */
import type { ParsedReceiverEvent } from '@ixgate/xstate-inspector/receiver';
import { activeStates } from '../chart/state-value.js';
import { type ForeignMachine, foreignMachine, likelyEdges } from './machine-tree.js';

/** One received event of a service. */
export interface ForeignEvent {
  /** 1, 2, 3 ... within the service, in order of arrival. */
  readonly index: number;
  readonly name: string;
  readonly data: unknown;
  /** Wall clock of its arrival, milliseconds since 1970. */
  readonly at: number;
  /** The state value after it; null until the service sends it. */
  readonly value: unknown;
  /** Ids of the active states after it. */
  readonly active: ReadonlySet<string>;
  /** The edges that it most likely took. */
  readonly edges: readonly string[];
}

export interface ForeignService {
  readonly sessionId: string;
  /** Its name; without one, the id of its machine and its session id. */
  readonly name: string;
  readonly machine: ForeignMachine;
  readonly value: unknown;
  readonly context: unknown;
  /** Ids of the active states. */
  readonly active: ReadonlySet<string>;
  /** How often each edge was most likely taken, by its id. */
  readonly counts: ReadonlyMap<string, number>;
  /** The newest events, oldest first. */
  readonly events: readonly ForeignEvent[];
  /** Number of events, including dropped ones. */
  readonly count: number;
  readonly stopped: boolean;
}

/** Maximum number of services, and of events per service, so that memory is bounded. */
export const mostServices = 500;
export const mostEvents = 300;

export class ForeignServices {
  readonly #services = new Map<string, ForeignService>();

  /** In the order of their first event. */
  list(): ForeignService[] {
    return [...this.#services.values()];
  }

  clear(): void {
    this.#services.clear();
  }

  take(event: ParsedReceiverEvent, at: number): void {
    const known = this.#services.get(event.sessionId);
    if (event.type === 'service.register') this.#register(event, known);
    else if (!known) return;
    else if (event.type === 'service.stop') this.#put({ ...known, stopped: true });
    else if (event.type === 'service.state') this.#state(event, known);
    else this.#event(event, known, at);
  }

  /** A service registers again whenever a viewer connects. Its earlier events stay. */
  #register(
    event: ParsedReceiverEvent & { type: 'service.register' },
    known: ForeignService | undefined,
  ): void {
    const { sessionId, id, machine, state } = event;
    const drawn = foreignMachine(machine);
    this.#put({
      events: [],
      count: 0,
      counts: new Map(),
      ...known,
      sessionId,
      // The package does not send the names of services that existed before.
      name: id ?? known?.name ?? `${machine.id} ${sessionId}`,
      machine: drawn,
      value: state.value,
      context: state.context,
      active: activeStates(drawn.tree.root, state.value),
      stopped: false,
    });
    this.#forget();
  }

  #event(
    { event }: ParsedReceiverEvent & { type: 'service.event' },
    known: ForeignService,
    at: number,
  ): void {
    const { name, data } = event as { name: string; data: unknown };
    // Every registered service starts with this event; it is not a message.
    if (name === 'xstate.init') return;
    const count = known.count + 1;
    const { active } = known;
    const index = count;
    const heard = { index, name: String(name), data, at, value: null, active, edges: [] };
    this.#put({ ...known, count, events: [...known.events, heard].slice(-mostEvents) });
  }

  #state({ state }: ParsedReceiverEvent & { type: 'service.state' }, known: ForeignService): void {
    const { machine, active: before } = known;
    const { value, context, _event } = state;
    const active = activeStates(machine.tree.root, value);
    const cause = known.events.findLast((event) => {
      return event.name === _event.name && event.value === null;
    });
    // The first state of a service arrives like any other, but without an event.
    const edges = cause ? likelyEdges(machine, cause.name, before, active) : [];
    const events = known.events.map((event) =>
      event === cause ? { ...event, value, active, edges } : event,
    );
    const counts = new Map(known.counts);
    for (const edge of edges) counts.set(edge, (counts.get(edge) ?? 0) + 1);
    this.#put({ ...known, value, context, active, counts, events });
  }

  #put(service: ForeignService): void {
    this.#services.set(service.sessionId, service);
  }

  /** Drops services above the limit, stopped ones first. */
  #forget(): void {
    while (this.#services.size > mostServices) {
      const all = this.list();
      const leaves = all.find(({ stopped }) => stopped) ?? all[0];
      if (leaves) this.#services.delete(leaves.sessionId);
    }
  }
}
