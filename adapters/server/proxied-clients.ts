/** The clients that a proxy carries on its connection, each addressed by its proxyClientId. */
import type { ErrorName } from '../../machines/registration/chart/error-codes.js';
import {
  eventError,
  referenceIdOf,
  type WireMessage,
} from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { ManagedSession } from './admitted-connection.js';
import { type Admission, rejectionReasons } from './limits/index.js';
import type { ServerSettings } from './options.js';
import type { SendOutcome } from './send-outcome.js';
import type { CountedLimit } from './server-counters.js';

/** Ends one client of a proxy. Its name is public; its behaviour here is a choice of this project. */
export const unregisterName = 'RequestUnregisterClient';
/** Tells a proxy that one of its clients is disconnected. The message is a choice of this project. */
export const clientDisconnectedName = 'EventClientDisconnected';

/** The session of a client that a proxy carries. */
export interface ProxiedClient extends ManagedSession {
  readonly proxyClientId: number;
  /** Whether its next message may be handled now. */
  mayRead(): boolean;
  /** Whether it waits for a verdict or for a handler. */
  readonly isBusy: boolean;
  /** Milliseconds until the message rate allows its next message; 0 for now. */
  throttledFor(): number;
  onMessage(message: WireMessage): void;
  answerError(request: WireMessage | null, error: ErrorName, description: string): void;
}

/** The session of the proxy, whose connection its clients share. */
export interface ProxyCarrier extends ManagedSession {
  sendMessage(message: WireMessage): SendOutcome;
  /** Reads on from the connection. */
  resumeReading(): void;
}

/** What the clients of a proxy need of their server. */
export interface ProxiedClientsHost {
  readonly admission: Pick<Admission, 'draining'>;
  readonly settings: Pick<ServerSettings, 'limits' | 'errorCodes'>;
  recordLimitHit(limit: CountedLimit): void;
  /** Opens the session of a client that a proxy carries; it is not started yet. */
  openProxied(clients: ProxiedClients, carrier: ProxyCarrier, proxyClientId: number): ProxiedClient;
}

/**
 * Passes the messages of a connection on to its clients. While a client waits for an answer or for its handlers, one message for it is kept
 * and nothing is read from the connection; until then messages for the other clients are handled.
 */
export class ProxiedClients {
  readonly #carrier: ProxyCarrier;
  readonly #host: ProxiedClientsHost;
  readonly #byId = new Map<number, ProxiedClient>();
  #waiting: { readonly client: ProxiedClient; readonly message: WireMessage } | null = null;

  constructor(carrier: ProxyCarrier, host: ProxiedClientsHost) {
    this.#carrier = carrier;
    this.#host = host;
  }

  /** Whether a message waits for its client, so that nothing may be read. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Whether a client waits for a verdict or for a handler. */
  get isBusy(): boolean {
    return [...this.#byId.values()].some((client) => client.isBusy);
  }

  /** Passes a message on. The first message of an unknown client, unless it unregisters, creates its session. */
  route(message: WireMessage, proxyClientId: number): void {
    const client = this.#byId.get(proxyClientId);
    if (client) this.#pass(client, message);
    else if (message.messageName === unregisterName) {
      this.#refuse(message, 'not-registered', `no client has proxyClientId ${proxyClientId}`);
    } else if (this.#host.admission.draining) {
      this.#refuse(message, 'shutting-down', rejectionReasons.draining);
    } else if (this.#byId.size >= this.#host.settings.limits.proxyClients) {
      this.#host.recordLimitHit('proxyClients');
      this.#refuse(message, 'server-busy', 'the connection carries too many clients');
    } else {
      const opened = this.#host.openProxied(this, this.#carrier, proxyClientId);
      this.#byId.set(proxyClientId, opened);
      opened.start();
      if (!opened.isOver()) this.#pass(opened, message);
    }
  }

  /** A client may read again. */
  resume(): void {
    const waiting = this.#waiting;
    if (waiting?.client.mayRead()) {
      this.#waiting = null;
      this.#pass(waiting.client, waiting.message);
    }
    this.#carrier.resumeReading();
  }

  /** A client is over. The gate notifies the proxy, unless the client unregistered or the proxy is over, too. */
  ended(client: ProxiedClient, reason: DisconnectReason): void {
    const { proxyClientId } = client;
    if (this.#byId.get(proxyClientId) !== client) return;
    this.#byId.delete(proxyClientId);
    if (reason !== 'peer-closed') {
      const what = {
        messageName: clientDisconnectedName,
        referenceId: null,
        proxyClientId,
        reason,
      };
      this.#carrier.sendMessage(what);
    }
    if (this.#waiting?.client !== client) return;
    this.#waiting = null;
    // Not at once: the client may end while the connection is read.
    queueMicrotask(() => this.#carrier.resumeReading());
  }

  /** The connection is over, and so are all clients. */
  endAll(reason: DisconnectReason): void {
    this.#waiting = null;
    const clients = [...this.#byId.values()];
    this.#byId.clear();
    for (const client of clients) client.finish(reason);
  }

  #pass(client: ProxiedClient, message: WireMessage): void {
    if (!client.mayRead()) this.#waiting = { client, message };
    // Reading cannot wait here, as it does for other clients: it would stop all clients of the proxy.
    else if (client.throttledFor() > 0) {
      client.answerError(message, 'server-busy', 'too many messages; try again later');
    } else client.onMessage(message);
  }

  #refuse(message: WireMessage, error: ErrorName, description: string): void {
    const answer = eventError(
      referenceIdOf(message),
      this.#host.settings.errorCodes[error],
      description,
    );
    const { proxyClientId } = message;
    this.#carrier.sendMessage({ ...answer, proxyClientId });
  }
}
