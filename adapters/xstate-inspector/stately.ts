/**
 * Sessions in the hosted inspector of Stately, through the genuine @statelyai/inspect. The package's server listens on every address
 * without access checks; this module replaces it by a page and a WebSocket on a loopback address.
 */
import type { Configuration } from '../../machines/registration/chart/configurations.js';
import { registrationMachine } from '../../machines/registration/chart/registration.js';
import { IxgateError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import type { WebServer } from '../web/web-server.js';
import { stateValueOf } from './machine.js';
import { type SessionContext, type SessionViewer, SessionWatch } from './session-watch.js';
import { hostedInspector, statelyPage } from './stately-page.js';
import type { StepEvent } from './steps.js';
import { sendTo, ViewerSockets } from './viewer-sockets.js';

/** The used part of @statelyai/inspect. */
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
  /** Loopback address to listen on. @default 'http://127.0.0.1:0' */
  readonly listen?: string | undefined;
  /** Maximum number of sessions. @default 100 */
  readonly maxSessions?: number | undefined;
  /** Name of the package, for tests without it. @default '@statelyai/inspect' */
  readonly package?: string | undefined;
}

/**
 * Serves a page that shows the sessions of a gate in the hosted inspector. The browser needs internet access, and forwards redacted step
 * records to Stately's page. Without an open page, step records are not processed.
 * @throws {StatelyMissingError}
 */
export async function openStately(
  gate: GateView,
  options: StatelyOptions = {},
): Promise<WebServer> {
  const { listen = 'http://127.0.0.1:0', maxSessions = 100 } = options;
  const { createInspector } = await loadStately(options.package ?? '@statelyai/inspect');
  // Apps that only need `createInspector` do not load the web server.
  const { openWebServer } = await import('../web/web-server.js');
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
    // The package accepts a chart only from an actor, and reads these fields.
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

  /** Whether its last snapshot was `done`. */
  stop(): void {}
}

function snapshotOf(configuration: Configuration, context: SessionContext): StatelySnapshot {
  const status = configuration === 'disconnected' ? 'done' : 'active';
  return { status, value: stateValueOf(configuration), context };
}
