/** What is known of the services on the other side, made from what the genuine receiver hears. */
import type { ParsedReceiverEvent } from '@ixgate/xstate-inspector/receiver';
import { activeStates, type ForeignMachine, foreignMachine, likelyEdges } from './machine-tree.js';

/** One event of a service, as it came. */
export interface ForeignEvent {
  /** 1, 2, 3 ... within the service, as heard here. */
  readonly index: number;
  readonly name: string;
  readonly data: unknown;
  /** Wall clock at which it was heard, milliseconds since 1970. */
  readonly at: number;
  /** The state value after it; null until the service says it. */
  readonly value: unknown;
  /** Ids of the states that were active after it. */
  readonly active: ReadonlySet<string>;
  /** Edges it most likely took. */
  readonly edges: readonly string[];
}

export interface ForeignService {
  readonly sessionId: string;
  /** The name it gave itself, or its machine's and its session id. */
  readonly name: string;
  readonly machine: ForeignMachine;
  readonly value: unknown;
  readonly context: unknown;
  /** Ids of the active states. */
  readonly active: ReadonlySet<string>;
  /** How often each edge was most likely taken, by its id. */
  readonly counts: ReadonlyMap<string, number>;
  /** The newest, oldest first. */
  readonly events: readonly ForeignEvent[];
  /** How many came, those no longer held included. */
  readonly count: number;
  readonly stopped: boolean;
}

/** Services that are held, and events of each; whatever a service sends, the page stays light. */
export const mostServices = 500;
export const mostEvents = 300;

export class ForeignServices {
  readonly #services = new Map<string, ForeignService>();

  /** In the order in which they were first heard of. */
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

  /** A service registers again whenever a viewer comes to it: what was heard before stays. */
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
      // The package leaves the name out when it tells of services that were there before.
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
    // It starts every service that is registered; nothing was sent.
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
    // The state that a service starts in is told like any other.
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

  /** Those that have stopped go first. */
  #forget(): void {
    while (this.#services.size > mostServices) {
      const all = this.list();
      const leaves = all.find(({ stopped }) => stopped) ?? all[0];
      if (leaves) this.#services.delete(leaves.sessionId);
    }
  }
}
