import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { Connection, ConnectionHandlers } from '../net/transports/transport.js';
import type { UpgradeRequest } from '../net/transports/upgrade-request.js';
import { AdmittedConnection } from './admitted-connection.js';
import type { EncodedMessage } from './encoded-message.js';
import { type ProxiedClient, type ProxiedClients, unregisterName } from './proxied-clients.js';
import type { ClientRequest, TrackedReply } from './reply.js';
import type { SendOutcome } from './send-outcome.js';
import { ServerCounters } from './server-counters.js';
import { GateSession } from './session.js';
import type { SessionHost } from './session-host.js';
import type { SessionInfo } from './session-info.js';

/** Clients of proxies are not connections: they take no slot, add no penalty, and do not count as outcomes. */
const noSlot = { registered: () => {}, release: () => {} };
const noPenalty = { addPenalty: () => {} };
const uncounted = new ServerCounters();

/** Stands for the connection of a client that a proxy carries. @param carrier the connection of the proxy */
export function admittedByProxy({
  remoteAddress,
  arrival,
}: AdmittedConnection): AdmittedConnection {
  const slot = { ...noSlot, acceptedAt: performance.now() };
  return new AdmittedConnection(remoteAddress, arrival, slot, noPenalty, uncounted);
}

/** A share of a proxy's connection: one client writes through it. The proxy's session reads for all clients. */
export class ProxiedConnection implements Connection {
  readonly scheme: Connection['scheme'];
  readonly framing: Connection['framing'];
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly certificate: Connection['certificate'];
  readonly proxyAddress: string | undefined;
  readonly servername: string | undefined;
  readonly request: UpgradeRequest | null;
  readonly #carrier: GateSession;
  #handlers: ConnectionHandlers | null = null;

  constructor(carrier: GateSession) {
    const { scheme, framing, remoteAddress, remotePort, certificate } = carrier.sharedConnection;
    const { proxyAddress, servername, request } = carrier.sharedConnection;
    this.scheme = scheme;
    this.framing = framing;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.certificate = certificate;
    this.proxyAddress = proxyAddress;
    this.servername = servername;
    this.request = request ?? null;
    this.#carrier = carrier;
  }

  /** Bytes that wait count for the proxy, which its limits disconnect. */
  get unsent(): number {
    return 0;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
  }

  write(bytes: Uint8Array): boolean {
    this.#carrier.passOn(bytes);
    return true;
  }

  writeText(text: string): boolean {
    this.#carrier.passOn(text);
    return true;
  }

  probe(timeout: number): Promise<boolean> {
    return this.#carrier.sharedConnection.probe?.(timeout) ?? Promise.resolve(true);
  }

  pause(): void {}
  resume(): void {}

  close(): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    // Later, as with a socket: the session reports its end first.
    if (handlers) queueMicrotask(() => handlers.closed(null));
  }

  destroy(): void {
    this.close();
  }
}

/** A client that a proxy carries: it has its own chart, verdict, deadlines and limits, and shares the connection. */
export class ProxiedSession extends GateSession implements ProxiedClient {
  readonly proxyClientId: number;
  readonly #clients: ProxiedClients;
  readonly #carrier: GateSession;

  constructor(
    id: { readonly run: string; readonly number: number; readonly proxyClientId: number },
    clients: ProxiedClients,
    carrier: GateSession,
    admitted: AdmittedConnection,
    host: SessionHost,
  ) {
    super(id.run, id.number, new ProxiedConnection(carrier), admitted, host);
    this.proxyClientId = id.proxyClientId;
    this.#clients = clients;
    this.#carrier = carrier;
  }

  override get carrier(): string {
    return this.#carrier.id;
  }

  override info(): SessionInfo {
    return { ...super.info(), proxyClientId: this.proxyClientId };
  }

  override sendMessage(message: WireMessage, _encoded?: EncodedMessage | null): SendOutcome {
    const outcome = super.sendMessage({ ...message, proxyClientId: this.proxyClientId });
    return outcome === 'sent' && this.#carrier.unsent > 0 ? 'buffered' : outcome;
  }

  /** The proxy's session counts the bytes, which it writes. */
  override onWritten(): void {}

  override resumeReading(): void {
    this.#clients.resume();
  }

  override requested(
    request: ClientRequest<unknown>,
    reply: TrackedReply,
  ): Promise<void> | undefined {
    if (request.message.messageName !== unregisterName) return super.requested(request, reply);
    reply.ack();
    return undefined;
  }

  override releaseConnection(reason: DisconnectReason): void {
    this.#clients.ended(this, reason);
    super.releaseConnection(reason);
  }

  override onFault(error: unknown): void {
    this.#clients.ended(this, 'server-closed');
    super.onFault(error);
  }

  protected override receive(message: WireMessage): void {
    super.receive(message);
    if (message.messageName === unregisterName && !this.isOver()) this.finish('peer-closed');
  }
}
