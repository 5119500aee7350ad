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

/** Something a viewer did that an operator may want to know. */
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
  /** Viewers at the same time; 1 or more. @default 8 */
  readonly maxViewers?: number | undefined;
  /** Sessions one viewer sees at the same time; 1 or more. @default 100 */
  readonly maxSessions?: number | undefined;
  /** Sessions that connect and that one viewer sees. @default { perSecond: 20, burst: 50 } */
  readonly sessionRate?: Rate | undefined;
  readonly onNews?: ((news: InspectNews) => void) | undefined;
}

/** Tokens that it takes at most to send a viewer all its sessions: four times at once, then once a second. */
const maxCharge = 20;

/** What has been counted since the start. */
export interface InspectCounts {
  readonly viewers: number;
  readonly injected: number;
  readonly injectionsRefused: number;
  readonly unusableFrames: number;
}

/** `/xstate` of one gate. Made by `createInspectBridge`. */
export interface InspectBridge {
  /** Takes an upgrade request that has been found permitted. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly counts: InspectCounts;
  /** Closes every viewer. */
  close(): void;
}

/**
 * Shows a gate's live sessions to viewers that speak the protocol of @xstate/inspect, through the genuine package: the newest
 * sessions, and those that connect later while there is room. `?session=ID`, repeated, asks for certain ones.
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
      socket.close(1008, `there is no session ${unknown.slice(0, 32)}`);
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
      // It is sent all sessions that it sees.
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

  /** Does what the viewer wants, or says why not. */
  #refusal(
    viewer: Viewer,
    { session, name, data }: ViewerCommand & { readonly type: 'xstate.event' },
  ): string | null {
    if (!this.#options.allowInject)
      return 'viewers may only look: the gate runs without --allow-inject';
    const live =
      session !== null && this.#watch.sees(viewer, session)
        ? this.#gate.session(session)
        : undefined;
    if (!live) return 'there is no such session';
    const injection = injectionOf(name, data, viewer.name);
    if (injection === null) {
      return 'allowed are RequestRegisterClient, OtherMessage (each with its message) and Disconnected';
    }
    if (injection.kind === 'disconnect') {
      live.disconnect();
      return null;
    }
    return live.inject(injection.message) ? null : 'an answer is owed to the client; try again';
  }

  #tell(news: InspectNews): void {
    try {
      this.#options.onNews?.(news);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }
}
