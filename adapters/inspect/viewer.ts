import type { WebSocket } from 'ws';
import { createInspectFacade, type InspectFacade } from './facade.js';
import { type Genuine, inspectWith, type StateFour } from './genuine.js';
import { Registry } from './registry.js';
import { type WatchedMachine, WatchedService } from './watched-service.js';

/**
 * The package's part never forgets a service it has seen; after so many that have ended it is started anew, unseen by the
 * viewer.
 */
const endedUntilRenewed = 200;

/** Bytes that may wait for a viewer; the package has no way to catch up, so a slower one is closed. */
const mostUnsent = 16 * 1024 * 1024;

/** One viewer: its socket, a genuine inspector of its own, and the sessions it sees. */
export class Viewer {
  readonly name: string;
  /** Ids of the sessions it asked for; null for whichever there are. */
  readonly wanted: ReadonlySet<string> | null;
  readonly #socket: WebSocket;
  readonly #genuine: Genuine;
  readonly #machine: WatchedMachine;
  #services = new Map<string, WatchedService>();
  #registry = new Registry();
  #facade: InspectFacade;
  #inspecting = false;
  #muted = false;
  #ended = 0;

  constructor(
    name: string,
    wanted: ReadonlySet<string> | null,
    socket: WebSocket,
    genuine: Genuine,
    machine: WatchedMachine,
  ) {
    this.name = name;
    this.wanted = wanted;
    this.#socket = socket;
    this.#genuine = genuine;
    this.#machine = machine;
    this.#facade = this.#open();
  }

  /** How many sessions it sees now. */
  get size(): number {
    return this.#services.size;
  }

  /** The state it sees a session in; undefined for one that it does not see. */
  stateOf(session: string): StateFour | undefined {
    return this.#services.get(session)?.state;
  }

  /** Shows it a session, in a state. */
  register(session: string, state: StateFour): void {
    const service = new WatchedService(session, this.#machine, state);
    this.#services.set(session, service);
    this.#registry.register(service);
  }

  /** A session it sees took a step. */
  step(session: string, event: object, state: StateFour): void {
    this.#services.get(session)?.step(event, state);
  }

  /** A session it sees is over. */
  stop(session: string): void {
    const service = this.#services.get(session);
    if (!service) return;
    this.#services.delete(session);
    service.stop();
    this.#ended += 1;
    if (this.#ended >= endedUntilRenewed) this.#renew();
  }

  /** It asks for the sessions. */
  inspect(): void {
    this.#inspecting = true;
    this.#facade.command({ type: 'xstate.inspecting' });
  }

  /** Says something about a session to this viewer alone, as an event: the package has no other way to say it. */
  remark(session: string, event: { readonly type: string; readonly reason: string }): void {
    this.#send(
      JSON.stringify({
        type: 'service.event',
        event: JSON.stringify(this.#genuine.toScxmlEvent(event)),
        sessionId: session,
      }),
    );
  }

  /** Lets go of everything; the socket is the caller's. */
  dispose(): void {
    this.#facade.close();
    this.#services.clear();
  }

  #open(): InspectFacade {
    const facade = createInspectFacade((text) => this.#send(text));
    inspectWith(this.#genuine, this.#registry, facade.server);
    facade.connect();
    return facade;
  }

  #renew(): void {
    this.#ended = 0;
    this.#facade.close();
    this.#muted = true;
    const before = this.#services;
    this.#services = new Map();
    this.#registry = new Registry();
    this.#facade = this.#open();
    if (this.#inspecting) this.inspect();
    for (const [session, { state }] of before) this.register(session, state);
    this.#muted = false;
  }

  #send(text: string): void {
    if (this.#muted || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > mostUnsent) {
      this.#socket.close(1013, 'too slow');
      return;
    }
    this.#socket.send(text);
  }
}
