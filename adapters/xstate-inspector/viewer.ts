import type { WebSocket } from 'ws';
import type { Configuration } from '../../machines/registration/chart/configurations.js';
import { createInspectFacade, type InspectFacade } from './facade.js';
import { type Genuine, inspectWith } from './genuine.js';
import type { RegistrationFour } from './machine.js';
import { Registry } from './registry.js';
import type { SessionContext, SessionViewer } from './session-watch.js';
import type { StepEvent } from './steps.js';
import { sendTo } from './viewer-sockets.js';
import { WatchedService } from './watched-service.js';
import type { XState4State } from './xstate4.js';

/**
 * The genuine inspector never releases a service; after this many ended services it is restarted, invisibly to the viewer.
 */
const endedUntilRenewed = 200;

/** One viewer with its socket, its genuine inspector and its sessions. */
export class Viewer implements SessionViewer {
  readonly name: string;
  readonly #socket: WebSocket;
  readonly #genuine: Genuine;
  readonly #chart: RegistrationFour;
  #services = new Map<string, WatchedService>();
  #registry = new Registry();
  #facade: InspectFacade;
  #inspecting = false;
  #muted = false;
  #ended = 0;

  constructor(name: string, socket: WebSocket, genuine: Genuine, chart: RegistrationFour) {
    this.name = name;
    this.#socket = socket;
    this.#genuine = genuine;
    this.#chart = chart;
    this.#facade = this.#open();
  }

  /** The number of sessions that it sees. */
  get sessions(): number {
    return this.#services.size;
  }

  register(session: string, configuration: Configuration, context: SessionContext): void {
    this.#register(session, this.#chart.state(configuration, null, context));
  }

  step(session: string, event: StepEvent, to: Configuration, context: SessionContext): void {
    this.#services.get(session)?.step(event, this.#chart.state(to, event, context));
  }

  stop(session: string): void {
    const service = this.#services.get(session);
    if (!service) return;
    this.#services.delete(session);
    service.stop();
    this.#ended += 1;
    if (this.#ended >= endedUntilRenewed) this.#renew();
  }

  /** The viewer requests the sessions. */
  inspect(): void {
    this.#inspecting = true;
    this.#facade.command({ type: 'xstate.inspecting' });
  }

  /** Sends a remark about a session to this viewer as an event, the only form that the package supports. */
  remark(session: string, event: { readonly type: string; readonly reason: string }): void {
    this.#send(
      JSON.stringify({
        type: 'service.event',
        event: JSON.stringify(this.#genuine.toScxmlEvent(event)),
        sessionId: session,
      }),
    );
  }

  /** Releases everything except the socket, which the caller owns. */
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
    for (const [session, { state }] of before) this.#register(session, state);
    this.#muted = false;
  }

  #register(session: string, state: XState4State): void {
    const service = new WatchedService(session, this.#chart.machine, state);
    this.#services.set(session, service);
    this.#registry.register(service);
  }

  #send(text: string): void {
    if (!this.#muted) sendTo(this.#socket, text);
  }
}
