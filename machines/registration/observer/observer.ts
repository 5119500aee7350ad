import { duration, ownText } from '../../text/format.js';
import { isRegisterName } from '../chart/message-events.js';
import type { Finding, FindingCode } from '../session/findings.js';
import type { Inference } from '../session/marks.js';
import { type Redact, redactMessage } from '../session/redaction.js';
import type { StepRecord } from '../session/step.js';
import { EndedPeers } from './ended-peers.js';
import type { Disconnection, Observed, ObservedEvent, Peer, Place, Said } from './events.js';
import { KnownDeadlines } from './known-deadlines.js';
import { type ConnectionHost, ObservedConnection } from './observed-connection.js';
import type { ObservedSession } from './observed-session.js';
import { Peers } from './peers.js';

/** Callbacks of an observer. */
export interface ObserverListener {
  /** Each step of each session, in the order of the log. */
  onStep?: ((step: StepRecord) => void) | undefined;
  onFinding?: ((finding: Finding) => void) | undefined;
  /** Each session when it ends. Sessions that are open at the end of the log come last, in the order in which they began. */
  onSession?: ((session: ObservedSession) => void) | undefined;
}

export interface ObserverOptions extends ObserverListener {
  /** Whether each label is one connection, as in a recording; otherwise it may be a name that several share. @default true */
  readonly hasConnections?: boolean | undefined;
  /** The server's deadlines in milliseconds, 1 or more; null for unknown. Genesys's own values are not documented. @default null */
  readonly registrationTimeout?: number | null | undefined;
  readonly rejectionTimeout?: number | null | undefined;
  /** Maximum delay of a disconnect after its deadline that is not a finding, in milliseconds. @default 500 */
  readonly tolerance?: number | undefined;
  /** Makes the id of a session. @default the label if each label is one connection; otherwise label and line, e.g. `51@13` */
  readonly sessionId?: ((label: string, place: Place | null) => string) | undefined;
  /** Removes secrets from a message before it enters a step record. @default redactMessage */
  readonly redact?: Redact | undefined;
}

/**
 * Minimum step back in time that is a finding, in milliseconds. A smaller one comes from several threads that write one log. If each label
 * is one connection, its events may be grouped, and the time of each connection is independent.
 */
const backwards = 1_000;

/**
 * Replays every connection of one server's log on the chart, in the observer's seat: it sends nothing, and the times of the log drive the
 * clock.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #peers: Peers;
  readonly #ended = new EndedPeers();
  readonly #host: ConnectionHost;
  readonly #sessionId: (label: string, place: Place | null) => string;
  /** Unregistered proxies that were reported. */
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
        this.#report(code, sentence, event, id, client),
    };
  }

  /** Processes the next event, in the order of the log. */
  take(event: ObservedEvent): void {
    if (event.type === 'began') {
      this.#began(event.isWhole, event);
      return;
    }
    if (!this.#options.hasConnections && event.at < this.#last.at - backwards) {
      const back = duration(this.#last.at - event.at);
      this.#report('time-backwards', `the time goes back by ${back}`, event, null, null);
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
        this.#report(event.code, event.text, event, of?.id ?? null, client);
      }
    }
  }

  /** Ends the log: open sessions stay open. */
  end(): void {
    for (const connection of [...this.#peers.open]) this.#leave(connection, false);
  }

  #began(isWhole: boolean, event: Observed): void {
    // A server that starts has no connections, so all sessions before it have ended.
    if (isWhole) for (const connection of [...this.#peers.open]) this.#leave(connection, true);
    this.#isWhole = isWhole;
    this.#last = { ...event, at: Number.NEGATIVE_INFINITY };
  }

  #connected(peer: Peer, event: Observed): void {
    this.#hasConnects = true;
    const there = this.#peers.labelled(peer);
    // Concluded from a later line, in a file that continues another one.
    if (there && event.inferred?.includes('connect')) return;
    if (there) {
      this.#report(
        'connected-twice',
        `${peer.label} connected, but the log has no end of the connection before it`,
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
    // A client behind a proxy has no connection that could end.
    if (leaves && connection.proxy !== null) {
      const { at, place, inferred } = event;
      const end = { type: 'disconnected', at, place, inferred, peer, by: 'client' } as const;
      this.#end(connection, { ...end, reason: 'client-closed' });
    }
  }

  /** A message of a client without an open connection. */
  #unknown(event: Said): ObservedConnection | null {
    const { peer, by, message } = event;
    const asks = by === 'client' && isRegisterName(message.messageName);
    const ended = this.#ended.get(peer);
    if (ended && !asks) {
      const words = by === 'client' ? `${peer.label} sent` : `the server sent`;
      const to = by === 'client' ? '' : ` to ${peer.label}`;
      this.#report(
        'traffic-after-disconnect',
        `${words} ${message.messageName}${to} after the connection ended`,
        event,
        ended,
        peer.label,
      );
      return null;
    }
    // A client from before the log that asks to register now has a new connection.
    const unknown = asks ? this.#peers.named(peer) : null;
    if (unknown?.isUnknown) this.#leave(unknown, true);
    const isProxied = peer.proxy !== undefined;
    const connection = this.#open(peer, event, true);
    if (this.#isWhole && !isProxied && (!asks || this.#hasConnects)) {
      this.#report(
        'message-before-connection',
        `${message.messageName} of ${peer.label}, but the log has no connect of it`,
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
      const sentence = `the log states that ${peer.label} is registered, but it never asked to register`;
      this.#report('registered-without-request', sentence, event, null, peer.label);
    }
  }

  #disconnected(event: Disconnection): void {
    const found = this.#peers.leaver(event.peer);
    if (!found) {
      // The close by the server and the line about the client's disconnect are one end.
      if (!this.#isWhole || this.#ended.get(event.peer)) return;
      const { label } = event.peer;
      const sentence = `${label} disconnected, but the log has no connect of it`;
      this.#report('disconnect-before-connection', sentence, event, null, label);
      return;
    }
    const { connection, isConcluded } = found;
    this.#end(connection, event, isConcluded ? 'connection' : null);
    for (const behind of this.#peers.behind(connection)) this.#end(behind, event);
  }

  /** Checks that the proxy of a client is registered. */
  #behind(proxy: string, event: Observed, of: ObservedConnection): void {
    if (!this.#isWhole || this.#unknownProxies.has(proxy)) return;
    if (this.#peers.named({ label: proxy })?.isRegistered) return;
    if (this.#unknownProxies.size < 1_000) this.#unknownProxies.add(ownText(proxy));
    const sentence = `${of.client} sends through the proxy ${proxy}, which is not registered`;
    this.#report('unknown-proxy', sentence, event, of.id, of.client);
  }

  #open(peer: Peer, event: Observed, isNamed: boolean): ObservedConnection {
    const label = ownText(peer.label);
    // A label that another session had before does not identify this session.
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

  #report(
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
