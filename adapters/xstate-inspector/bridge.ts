import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { GateView } from '../server/index.js';
import type { Rate } from '../server/limits/index.js';
import { injectionOf, readCommand, type ViewerCommand } from './command.js';
import { type Genuine, loadGenuine } from './genuine.js';
import { RegistrationFour } from './machine.js';
import { SessionWatch } from './session-watch.js';
import { Viewer } from './viewer.js';
import { type Leave, type ViewerControl, ViewerSockets } from './viewer-sockets.js';

/** An action of a viewer, for the log. */
export type InspectNews =
  | { readonly kind: 'viewer-connected' | 'viewer-disconnected'; readonly viewer: string }
  | { readonly kind: 'viewer-closed'; readonly viewer: string; readonly problem: string }
  | {
      readonly kind: 'injected' | 'injection-refused';
      readonly viewer: string;
      readonly session: string | null;
      readonly event: string;
      /** Why it was refused; empty otherwise. */
      readonly reason: string;
    };

export interface InspectOptions {
  /** Whether what viewers send reaches live sessions. @default false */
  readonly allowInject?: boolean | undefined;
  /** Maximum number of viewers; 1 or more. @default 8 */
  readonly maxViewers?: number | undefined;
  /** Maximum number of sessions that one viewer sees; 1 or more. @default 100 */
  readonly maxSessions?: number | undefined;
  /** Rate limit for new sessions that one viewer sees. @default { perSecond: 20, burst: 50 } */
  readonly sessionRate?: Rate | undefined;
  readonly onNews?: ((news: InspectNews) => void) | undefined;
}

/** Maximum cost in tokens of sending a viewer all its sessions: a burst of four, then once per second. */
const maxCharge = 20;

/** Counters since the start. */
export interface InspectCounts {
  readonly viewers: number;
  readonly injected: number;
  readonly injectionsRefused: number;
  readonly unusableFrames: number;
}

/** `/xstate` of one gate. Made by `createInspectBridge`. */
export interface InspectBridge {
  /** Accepts an upgrade request whose access has been checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly counts: InspectCounts;
  /** Closes all viewers. */
  close(): void;
}

/**
 * Shows a gate's live sessions to viewers that speak the protocol of @xstate/inspect, through the genuine package: the newest
 * sessions, and later ones up to the limit. `?session=ID`, which may be repeated, selects sessions.
 * @throws {InspectMissingError} when the package is not installed.
 */
export function createInspectBridge(gate: GateView, options: InspectOptions = {}): InspectBridge {
  return new Bridge(gate, loadGenuine(), options);
}

class Bridge implements InspectBridge {
  readonly #gate: GateView;
  readonly #genuine: Genuine;
  readonly #options: InspectOptions;
  readonly #chart: RegistrationFour;
  readonly #watch: SessionWatch;
  readonly #sockets: ViewerSockets;
  #named = 0;
  #injected = 0;
  #injectionsRefused = 0;
  #unusableFrames = 0;

  constructor(gate: GateView, genuine: Genuine, options: InspectOptions) {
    const { maxViewers = 8, maxSessions = 100, sessionRate } = options;
    this.#gate = gate;
    this.#genuine = genuine;
    this.#options = options;
    this.#chart = new RegistrationFour(genuine);
    this.#watch = new SessionWatch(gate, maxSessions, sessionRate);
    this.#sockets = new ViewerSockets({
      maxViewers,
      accept: (socket, request, control) => this.#accept(socket, request, control),
    });
  }

  get counts(): InspectCounts {
    return {
      viewers: this.#watch.viewers,
      injected: this.#injected,
      injectionsRefused: this.#injectionsRefused,
      unusableFrames: this.#unusableFrames,
    };
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.upgrade(request, socket, head);
  }

  close(): void {
    this.#sockets.close();
  }

  #accept(socket: WebSocket, request: IncomingMessage, control: ViewerControl): Leave {
    const wanted = new URL(request.url ?? '/', 'http://gate').searchParams.getAll('session');
    const unknown = wanted.find((id) => !this.#gate.session(id));
    if (unknown !== undefined) {
      socket.close(1008, `unknown session ${unknown.slice(0, 32)}`);
      return () => {};
    }
    this.#named += 1;
    const viewer = new Viewer(`viewer-${this.#named}`, socket, this.#genuine, this.#chart);
    this.#tell({ kind: 'viewer-connected', viewer: viewer.name });
    socket.on('message', (data, isBinary) => {
      if (socket.readyState === socket.OPEN)
        this.#hear(viewer, readCommand(String(data), isBinary), control);
    });
    this.#watch.add(viewer, wanted.length > 0 ? new Set(wanted) : null);
    return (problem) => {
      if (problem !== null) this.#tell({ kind: 'viewer-closed', viewer: viewer.name, problem });
      this.#watch.remove(viewer);
      viewer.dispose();
      this.#tell({ kind: 'viewer-disconnected', viewer: viewer.name });
    };
  }

  #hear(viewer: Viewer, command: ReturnType<typeof readCommand>, control: ViewerControl): void {
    if ('unusable' in command) {
      const { code, problem } = command.unusable;
      this.#unusableFrames += 1;
      control.close(code, problem);
    } else if (command.type === 'xstate.inspecting') {
      // The viewer gets all its sessions again.
      if (control.charge(Math.min(viewer.sessions, maxCharge))) viewer.inspect();
    } else {
      this.#inject(viewer, command);
    }
  }

  #inject(viewer: Viewer, command: ViewerCommand & { readonly type: 'xstate.event' }): void {
    const { session, name } = command;
    const reason = this.#refusal(viewer, command);
    const about = { viewer: viewer.name, session, event: name.slice(0, 64), reason: reason ?? '' };
    if (reason === null) {
      this.#injected += 1;
      this.#tell({ kind: 'injected', ...about });
      return;
    }
    this.#injectionsRefused += 1;
    this.#tell({ kind: 'injection-refused', ...about });
    if (session !== null && this.#watch.sees(viewer, session)) {
      viewer.remark(session, { type: 'ixgate.injection-refused', reason });
    }
  }

  /** Executes an injection. @returns why it was refused, or null */
  #refusal(
    viewer: Viewer,
    { session, name, data }: ViewerCommand & { readonly type: 'xstate.event' },
  ): string | null {
    if (!this.#options.allowInject) return 'the gate runs without --allow-inject';
    const live =
      session !== null && this.#watch.sees(viewer, session)
        ? this.#gate.session(session)
        : undefined;
    if (!live) return 'unknown session';
    const injection = injectionOf(name, data, viewer.name);
    if (injection === null) {
      return 'expected RequestRegisterClient or OtherMessage (each with its message), or Disconnected';
    }
    if (injection.kind === 'disconnect') {
      live.disconnect();
      return null;
    }
    return live.inject(injection.message) ? null : 'a response to the client is pending; try again';
  }

  #tell(news: InspectNews): void {
    try {
      this.#options.onNews?.(news);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}
