import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StepRecord } from '../../machines/index.js';
import type { GateServer } from '../server/index.js';
import { injectionOf, readCommand, type ViewerCommand } from './command.js';
import { type Genuine, loadGenuine } from './genuine.js';
import { RegistrationFour, type SessionContext } from './machine.js';
import { eventOf } from './steps.js';
import { Viewer } from './viewer.js';

/** Something a viewer did that an operator may want to know. */
export type InspectNews =
  | { readonly kind: 'viewer-came' | 'viewer-left'; readonly viewer: string }
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
  readonly onNews?: ((news: InspectNews) => void) | undefined;
}

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

/** Longest frame a viewer may send, in bytes. */
const maxPayload = 65_536;

/**
 * Shows a gate's live sessions to viewers that speak the protocol of @xstate/inspect, through the genuine package: newest
 * sessions first, and those that connect later while there is room. `?session=ID`, repeated, asks for certain ones.
 * @throws {InspectMissingError} when the package is not installed.
 */
export function createInspectBridge(gate: GateServer, options: InspectOptions = {}): InspectBridge {
  return new Bridge(gate, loadGenuine(), options);
}

class Bridge implements InspectBridge {
  readonly #gate: GateServer;
  readonly #genuine: Genuine;
  readonly #options: InspectOptions;
  readonly #chart: RegistrationFour;
  readonly #viewers = new Map<WebSocket, Viewer>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  #named = 0;
  #injected = 0;
  #injectionsRefused = 0;
  #unusableFrames = 0;

  constructor(gate: GateServer, genuine: Genuine, options: InspectOptions) {
    this.#gate = gate;
    this.#genuine = genuine;
    this.#options = options;
    this.#chart = new RegistrationFour(genuine);
  }

  get counts(): InspectCounts {
    return {
      viewers: this.#viewers.size,
      injected: this.#injected,
      injectionsRefused: this.#injectionsRefused,
      unusableFrames: this.#unusableFrames,
    };
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => {
      this.#accept(accepted, request);
    });
  }

  close(): void {
    for (const socket of this.#viewers.keys()) socket.close(1001, 'the gate stops');
    for (const [socket] of [...this.#viewers]) this.#leave(socket);
    this.#sockets.close();
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    // ws answers faults of the protocol itself; without a listener they would end the process.
    socket.on('error', () => {});
    const { maxViewers = 8 } = this.#options;
    if (this.#viewers.size >= maxViewers) {
      socket.close(1013, `there are ${maxViewers} viewers already`);
      return;
    }
    const wanted = new URL(request.url ?? '/', 'http://gate').searchParams.getAll('session');
    const unknown = wanted.find((id) => !this.#gate.session(id));
    if (unknown !== undefined) {
      socket.close(1008, `there is no session ${unknown.slice(0, 64)}`);
      return;
    }
    this.#named += 1;
    const viewer = new Viewer(
      `viewer-${this.#named}`,
      wanted.length > 0 ? new Set(wanted) : null,
      socket,
      this.#genuine,
      this.#chart.machine,
    );
    if (this.#viewers.size === 0) this.#listen();
    this.#viewers.set(socket, viewer);
    this.#tell({ kind: 'viewer-came', viewer: viewer.name });
    socket.on('message', (data, isBinary) => this.#hear(socket, viewer, String(data), isBinary));
    socket.on('close', () => this.#leave(socket));
    this.#showPresent(viewer);
  }

  #leave(socket: WebSocket): void {
    const viewer = this.#viewers.get(socket);
    if (!viewer) return;
    this.#viewers.delete(socket);
    viewer.dispose();
    if (this.#viewers.size === 0) this.#unlisten();
    this.#tell({ kind: 'viewer-left', viewer: viewer.name });
  }

  /** Nothing is done for sessions while nobody looks. */
  #listen(): void {
    this.#gate.on('step', this.#stepped);
    this.#gate.on('disconnected', this.#disconnected);
  }

  #unlisten(): void {
    this.#gate.off('step', this.#stepped);
    this.#gate.off('disconnected', this.#disconnected);
  }

  #showPresent(viewer: Viewer): void {
    const { maxSessions = 100 } = this.#options;
    const present = this.#gate
      .sessions()
      .filter(({ id }) => viewer.wanted === null || viewer.wanted.has(id))
      .slice(-maxSessions);
    for (const { id, state, clientName, clientType, deadline, connectedAt } of present) {
      const context: SessionContext = {
        seq: null,
        clientName,
        clientType,
        elapsed: Date.now() - connectedAt,
        deadline,
        reason: null,
      };
      viewer.register(id, this.#chart.state(state, null, context));
    }
  }

  readonly #stepped = (step: StepRecord): void => {
    const { session, from, to } = step;
    const { maxSessions = 100 } = this.#options;
    for (const viewer of this.#viewers.values()) {
      if (!viewer.stateOf(session)) {
        // A session is seen from its start or not at all.
        const starts = from === 'connecting' && viewer.wanted === null;
        if (!starts || viewer.size >= maxSessions) continue;
        viewer.register(session, this.#chart.state(from, null, this.#contextOf(step, null)));
      }
      const before = viewer.stateOf(session)?.context as SessionContext;
      const event = eventOf(step);
      viewer.step(session, event, this.#chart.state(to, event, this.#contextOf(step, before)));
      if (to === 'disconnected') viewer.stop(session);
    }
  };

  /** A session whose chart failed ends without a step; any other takes its last step right after this. */
  readonly #disconnected = ({ id }: { readonly id: string }): void => {
    queueMicrotask(() => {
      for (const viewer of this.#viewers.values()) viewer.stop(id);
    });
  };

  #contextOf(step: StepRecord, before: SessionContext | null): SessionContext {
    const { session, seq, elapsed, deadline, reason } = step;
    // On its last step the gate does not know a session any more.
    const { clientName = null, clientType = null } =
      this.#gate.session(session)?.info() ?? before ?? {};
    return { seq, clientName, clientType, elapsed, deadline, reason };
  }

  #hear(socket: WebSocket, viewer: Viewer, data: string, isBinary: boolean): void {
    const command = readCommand(data, isBinary);
    if ('unusable' in command) {
      const { code, problem } = command.unusable;
      this.#unusableFrames += 1;
      this.#tell({ kind: 'viewer-closed', viewer: viewer.name, problem });
      socket.close(code, problem);
    } else if (command.type === 'xstate.inspecting') {
      viewer.inspect();
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
    if (session !== null && viewer.stateOf(session)) {
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
      session !== null && viewer.stateOf(session) ? this.#gate.session(session) : undefined;
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
    this.#options.onNews?.(news);
  }
}
