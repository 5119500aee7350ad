/**
 * Sessions in the hosted inspector of Stately, through the genuine @statelyai/inspect. Its own server listens on every address
 * and lets anybody read and write; here a page and a WebSocket of ours stand in its place, on this machine only.
 */
import { type Configuration, registrationMachine } from '../../machines/index.js';
import { IxgateError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import { openWebServer, type WebServer } from '../web/web-server.js';
import { stateValueOf } from './machine.js';
import { type SessionContext, type SessionViewer, SessionWatch } from './session-watch.js';
import { hostedInspector, statelyPage } from './stately-page.js';
import type { StepEvent } from './steps.js';
import { sendTo, ViewerSockets } from './viewer-sockets.js';

/** What is used of @statelyai/inspect. */
interface StatelyPackage {
  createInspector(adapter: { send(event: object): void }): StatelyInspector;
}

interface StatelyInspector {
  actor(actor: object, snapshot: StatelySnapshot): void;
  event(session: string, event: object): void;
  snapshot(session: string, snapshot: StatelySnapshot, info: { event: object }): void;
}

interface StatelySnapshot {
  readonly status: 'active' | 'done';
  readonly value: unknown;
  readonly context: SessionContext;
}

/** @statelyai/inspect is not installed. */
export class StatelyMissingError extends IxgateError {
  override readonly name = 'StatelyMissingError';
  constructor() {
    super(
      'STATELY_MISSING',
      '@statelyai/inspect is not installed. Install it: npm install @statelyai/inspect',
    );
  }
}

/** @throws {StatelyMissingError} */
async function loadStately(name: string): Promise<StatelyPackage> {
  try {
    return await import(name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new StatelyMissingError();
  }
}

export interface StatelyOptions {
  /** Where to listen, on this machine. @default 'http://127.0.0.1:0' */
  readonly listen?: string | undefined;
  /** Sessions shown at the same time. @default 100 */
  readonly maxSessions?: number | undefined;
  /** The package's name, for trying what happens without it. @default '@statelyai/inspect' */
  readonly package?: string | undefined;
}

/**
 * Serves a page that shows a gate's sessions in the hosted inspector. The viewer needs the internet, and hands the redacted
 * step records to Stately's page in the browser; without a page that is open nothing is made of them.
 * @throws {StatelyMissingError}
 */
export async function openStately(
  gate: GateView,
  options: StatelyOptions = {},
): Promise<WebServer> {
  const { listen = 'http://127.0.0.1:0', maxSessions = 100 } = options;
  const { createInspector } = await loadStately(options.package ?? '@statelyai/inspect');
  const watch = new SessionWatch(gate, maxSessions);
  const sockets = new ViewerSockets({
    maxViewers: 4,
    accept(socket) {
      const inspector = createInspector({
        send: (event) => sendTo(socket, JSON.stringify(event)),
      });
      const viewer = new StatelyViewer(inspector);
      watch.add(viewer, null);
      return () => watch.remove(viewer);
    },
  });
  return openWebServer({
    listen,
    allowedHosts: [],
    token: undefined,
    upgrades: { '/': sockets },
    limits: { maxConnections: 32 },
    answer: () => ({
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; frame-src ${hostedInspector}; frame-ancestors 'none'; base-uri 'none'`,
      },
      body: statelyPage,
    }),
  });
}

class StatelyViewer implements SessionViewer {
  readonly #inspector: StatelyInspector;

  constructor(inspector: StatelyInspector) {
    this.#inspector = inspector;
  }

  register(session: string, configuration: Configuration, context: SessionContext): void {
    // The package takes a chart from an actor only, and reads this of it.
    const actor = {
      id: session,
      sessionId: session,
      logic: { config: registrationMachine.config },
    };
    this.#inspector.actor(actor, snapshotOf(configuration, context));
  }

  step(session: string, event: StepEvent, to: Configuration, context: SessionContext): void {
    this.#inspector.event(session, event);
    this.#inspector.snapshot(session, snapshotOf(to, context), { event });
  }

  /** Its last snapshot has said so. */
  stop(): void {}
}

function snapshotOf(configuration: Configuration, context: SessionContext): StatelySnapshot {
  const status = configuration === 'disconnected' ? 'done' : 'active';
  return { status, value: stateValueOf(configuration), context };
}
