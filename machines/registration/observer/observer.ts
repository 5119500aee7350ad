import { duration, ownText } from '../../text/format.js';
import { isRegisterName } from '../chart/message-events.js';
import { type Redact, redactMessage } from '../session/redaction.js';
import type { StepRecord } from '../session/step.js';
import { EndedPeers } from './ended-peers.js';
import type { Disconnection, Observed, ObservedEvent, Peer, Place, Said } from './events.js';
import type { Finding, FindingCode } from './findings.js';
import { KnownDeadlines } from './known-deadlines.js';
import type { Inference } from './marks.js';
import { type ConnectionHost, ObservedConnection } from './observed-connection.js';
import type { ObservedSession } from './observed-session.js';
import { Peers } from './peers.js';

/** Who is told what an observer sees. */
export interface ObserverListener {
  /** Each step of each session, in the order of the log. */
  onStep?: ((step: StepRecord) => void) | undefined;
  onFinding?: ((finding: Finding) => void) | undefined;
  /** Each session when it has ended; those that are still open when the log is over, in the order in which they began. */
  onSession?: ((session: ObservedSession) => void) | undefined;
}

export interface ObserverOptions extends ObserverListener {
  /** Whether each label is one connection, as in a recording; else it may be the name of several. @default true */
  readonly hasConnections?: boolean | undefined;
  /** The server's deadlines in milliseconds, 1 or more, where they are known; they are not Genesys's, whose are not. @default null */
  readonly registrationTimeout?: number | null | undefined;
  readonly rejectionTimeout?: number | null | undefined;
  /** How much later than its deadline a server may close before that is a finding, in milliseconds. @default 500 */
  readonly tolerance?: number | undefined;
  /** Names a session. @default the label, where each is a connection; else label and line, e.g. `51@13` */
  readonly sessionId?: ((label: string, place: Place | null) => string) | undefined;
  /** Makes a message fit to be shown in a step record. @default redactMessage */
  readonly redact?: Redact | undefined;
}

/**
 * Time that goes back by less than this, in milliseconds, is several threads writing one log. Where each label is a connection its events
 * may stand together, and time is its own.
 */
const backwards = 1_000;

/**
 * Runs every connection of one server's log through the chart, in the observer's seat: nothing is sent, and recorded time drives the
 * clock.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #peers: Peers;
  readonly #ended = new EndedPeers();
  readonly #host: ConnectionHost;
  readonly #sessionId: (label: string, place: Place | null) => string;
  /** Proxies that are not registered and were told. */
  readonly #unknownProxies = new Set<string>();
  #isWhole = false;
  #hasConnects = false;
  #last: Observed = { at: Number.NEGATIVE_INFINITY, place: null };

  constructor(options: ObserverOptions = {}) {
    const { hasConnections = true, registrationTimeout, rejectionTimeout } = options;
    this.#options = { ...options, hasConnections };
    this.#peers = new Peers(hasConnections);
    this.#sessionId = options.sessionId ?? (hasConnections ? asItIs : withLine);
    this.#host = {
      deadlines: new KnownDeadlines(
        registrationTimeout ?? null,
        rejectionTimeout ?? null,
        options.tolerance ?? 500,
      ),
      onStep: options.onStep,
      redact: options.redact ?? redactMessage,
      onFinding: ({ code, sentence }, event, { id, client }) =>
        this.#tell(code, sentence, event, id, client),
    };
  }

  /** Takes the next event, in the order of the log. */
  take(event: ObservedEvent): void {
    if (event.type === 'began') {
      this.#began(event.isWhole, event);
      return;
    }
    if (!this.#options.hasConnections && event.at < this.#last.at - backwards) {
      const back = duration(this.#last.at - event.at);
      this.#tell('time-backwards', `the time goes back by ${back} here`, event, null, null);
    }
    this.#last = event;
    if ('peer' in event && event.peer?.name !== undefined) this.#call(event.peer, event.peer.name);
    switch (event.type) {
      case 'connected':
        this.#connected(event.peer, event);
        break;
      case 'said':
        this.#said(event);
        break;
      case 'registered':
        this.#registered(event.peer, event);
        break;
      case 'disconnected':
        this.#disconnected(event);
        break;
      case 'missing': {
        const { peer, reason } = event;
        const of = peer && this.#peers.named(peer);
        for (const connection of of ? [of] : this.#peers.open)
          connection.miss(reason, event.inferred ?? []);
        break;
      }
      case 'reported': {
        const of = event.peer && this.#peers.named(event.peer);
        const client = of?.client ?? event.peer?.label ?? null;
        this.#tell(event.code, event.text, event, of?.id ?? null, client);
      }
    }
  }

  /** The log is over: whoever is open stays so. */
  end(): void {
    for (const connection of [...this.#peers.open]) this.#leave(connection, false);
  }

  #began(isWhole: boolean, event: Observed): void {
    // A server that starts has no connections: whoever was open is gone.
    if (isWhole) for (const connection of [...this.#peers.open]) this.#leave(connection, true);
    this.#isWhole = isWhole;
    this.#last = { ...event, at: Number.NEGATIVE_INFINITY };
  }

  #connected(peer: Peer, event: Observed): void {
    this.#hasConnects = true;
    const there = this.#peers.labelled(peer);
    if (there) {
      this.#tell(
        'connected-twice',
        `${peer.label} connects, and nothing says that the connection before it ended`,
        event,
        there.id,
        there.client,
      );
      this.#leave(there, true);
    }
    this.#open(peer, event, false).connected(event, null);
  }

  #said(event: Said): void {
    const { peer, by, message } = event;
    const found = this.#peers.speaker(event);
    const connection = found?.connection ?? this.#unknown(event);
    if (!connection) return;
    if (peer.proxy !== undefined) this.#behind(peer.proxy, event, connection);
    const asks = by === 'client' && isRegisterName(message.messageName);
    if (asks && typeof message.clientName === 'string') {
      this.#peers.name(connection, message.clientName);
    }
    connection.said(event, found?.isConcluded ? 'connection' : null);
    const leaves = by === 'client' && message.messageName === 'RequestUnregisterClient';
    // It has no connection of its own that could end.
    if (leaves && connection.proxy !== null) {
      const { at, place, inferred } = event;
      const end = { type: 'disconnected', at, place, inferred, peer, by: 'client' } as const;
      this.#end(connection, { ...end, reason: 'client-closed' });
    }
  }

  /** Somebody who is not open speaks or is spoken to. */
  #unknown(event: Said): ObservedConnection | null {
    const { peer, by, message } = event;
    const asks = by === 'client' && isRegisterName(message.messageName);
    const ended = this.#ended.get(peer);
    if (ended && !asks) {
      const words = by === 'client' ? `${peer.label} says` : `the server says`;
      const to = by === 'client' ? '' : ` to ${peer.label}`;
      this.#tell(
        'traffic-after-disconnect',
        `${words} ${message.messageName}${to} after the connection ended`,
        event,
        ended,
        peer.label,
      );
      return null;
    }
    // One that began before the log did, and asks to register now, has connected anew.
    const unknown = asks ? this.#peers.named(peer) : null;
    if (unknown?.isUnknown) this.#leave(unknown, true);
    const isProxied = peer.proxy !== undefined;
    const connection = this.#open(peer, event, true);
    if (this.#isWhole && !isProxied && (!asks || this.#hasConnects)) {
      this.#tell(
        'message-before-connection',
        `${message.messageName} of ${peer.label}, and nothing says that it connected`,
        event,
        connection.id,
        connection.client,
      );
    }
    if (asks) connection.connected(event, isProxied ? null : 'connect');
    else connection.miss('beginning', []);
    return connection;
  }

  #registered(peer: Peer, event: Observed): void {
    const connection = this.#peers.named(peer);
    if (connection) connection.registered(event);
    else if (this.#isWhole && !this.#ended.get(peer)) {
      const sentence = `the log says that ${peer.label} is registered, and it never asked`;
      this.#tell('registered-without-request', sentence, event, null, peer.label);
    }
  }

  #disconnected(event: Disconnection): void {
    const found = this.#peers.leaver(event.peer);
    if (!found) {
      // The server's own close and the line that says the client is gone are one end.
      if (!this.#isWhole || this.#ended.get(event.peer)) return;
      const { label } = event.peer;
      const sentence = `${label} disconnects, and nothing says that it connected`;
      this.#tell('disconnect-before-connection', sentence, event, null, label);
      return;
    }
    const { connection, isConcluded } = found;
    this.#end(connection, event, isConcluded ? 'connection' : null);
    for (const behind of this.#peers.behind(connection)) this.#end(behind, event);
  }

  /** A client speaks through a proxy: one that is registered, or the log is amiss. */
  #behind(proxy: string, event: Observed, of: ObservedConnection): void {
    if (!this.#isWhole || this.#unknownProxies.has(proxy)) return;
    if (this.#peers.named({ label: proxy })?.isRegistered) return;
    if (this.#unknownProxies.size < 1_000) this.#unknownProxies.add(ownText(proxy));
    const sentence = `${of.client} speaks through the proxy ${proxy}, which is not registered`;
    this.#tell('unknown-proxy', sentence, event, of.id, of.client);
  }

  #open(peer: Peer, event: Observed, isNamed: boolean): ObservedConnection {
    const label = ownText(peer.label);
    // A label that was another session's before is no longer enough.
    const isAgain = this.#ended.get(peer) !== undefined;
    const id =
      isAgain && !this.#options.sessionId
        ? withLine(label, event.place)
        : this.#sessionId(label, event.place);
    const proxy = peer.proxy === undefined ? null : ownText(peer.proxy);
    const connection = new ObservedConnection(id, label, proxy, event, this.#host);
    if (peer.name !== undefined) connection.givenName = ownText(peer.name);
    this.#peers.add(connection, peer, isNamed);
    return connection;
  }

  #call(peer: Peer, name: string): void {
    const connection = this.#peers.labelled(peer);
    if (connection) connection.givenName = ownText(name);
  }

  #end(
    connection: ObservedConnection,
    event: Disconnection,
    concluded: Inference | null = null,
  ): void {
    connection.disconnected(event, concluded);
    this.#gone(connection);
  }

  #leave(connection: ObservedConnection, isOver: boolean): void {
    connection.leave(isOver, this.#last);
    this.#gone(connection);
  }

  #gone(connection: ObservedConnection): void {
    this.#peers.remove(connection);
    this.#ended.add(connection);
    this.#options.onSession?.(connection.result());
  }

  #tell(
    code: FindingCode,
    sentence: string,
    { at, place }: Observed,
    session: string | null,
    client: string | null,
  ): void {
    const { onFinding } = this.#options;
    if (!onFinding) return;
    const { file = null, line = null } = place ?? {};
    onFinding({ code, sentence, at, session, client, file, line });
  }
}

const asItIs = (label: string) => label;
const withLine = (label: string, place: Place | null) =>
  place === null ? label : `${label}@${place.line}`;
