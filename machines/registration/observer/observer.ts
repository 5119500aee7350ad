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

/** The callbacks of an observer. */
export interface ObserverListener {
  /** Each step of each session, in the order of the log. */
  onStep?: ((step: StepRecord) => void) | undefined;
  onFinding?: ((finding: Finding) => void) | undefined;
  /** Each session at its end; those that are open at the end of the log, in order of their beginning. */
  onSession?: ((session: ObservedSession) => void) | undefined;
}

export interface ObserverOptions extends ObserverListener {
  /** Whether each label is one connection, as in a recording; false when it can be the name of several. @default true */
  readonly hasConnections?: boolean | undefined;
  /** The server's deadlines in milliseconds, 1 or more, where known. Those of Genesys are not public. @default null */
  readonly registrationTimeout?: number | null | undefined;
  readonly rejectionTimeout?: number | null | undefined;
  /** How long after a deadline the server may close without a finding, in milliseconds. @default 500 */
  readonly tolerance?: number | undefined;
  /** Makes the id of a session. @default the label where each is a connection, else label and line, e.g. `51@13` */
  readonly sessionId?: ((label: string, place: Place | null) => string) | undefined;
  /** Masks the secrets of a message in a step record. @default redactMessage */
  readonly redact?: Redact | undefined;
}

/**
 * Time steps back by less than this, in milliseconds, come from several threads that write one log. Where each label is a connection,
 * the events of a connection may stand together, and time is not compared.
 */
const backwards = 1_000;

/**
 * Runs every connection of one server's log through the chart in the observer's seat: it sends nothing, and recorded time drives the
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
      this.#report('time-backwards', `the time goes back by ${back} here`, event, null, null);
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
    // A server starts without connections: all open sessions have ended.
    if (isWhole) for (const connection of [...this.#peers.open]) this.#leave(connection, true);
    this.#isWhole = isWhole;
    this.#last = { ...event, at: Number.NEGATIVE_INFINITY };
  }

  #connected(peer: Peer, event: Observed): void {
    this.#hasConnects = true;
    const there = this.#peers.labelled(peer);
    if (there) {
      this.#report(
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
    // A client behind a proxy has no own connection whose end would be logged.
    if (leaves && connection.proxy !== null) {
      const { at, place, inferred } = event;
      const end = { type: 'disconnected', at, place, inferred, peer, by: 'client' } as const;
      this.#end(connection, { ...end, reason: 'client-closed' });
    }
  }

  /** A message of or to a peer without an open connection. */
  #unknown(event: Said): ObservedConnection | null {
    const { peer, by, message } = event;
    const asks = by === 'client' && isRegisterName(message.messageName);
    const ended = this.#ended.get(peer);
    if (ended && !asks) {
      const words = by === 'client' ? `${peer.label} says` : `the server says`;
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
    // A connection that began before the log and asks to register now is a new one.
    const unknown = asks ? this.#peers.named(peer) : null;
    if (unknown?.isUnknown) this.#leave(unknown, true);
    const isProxied = peer.proxy !== undefined;
    const connection = this.#open(peer, event, true);
    if (this.#isWhole && !isProxied && (!asks || this.#hasConnects)) {
      this.#report(
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
      this.#report('registered-without-request', sentence, event, null, peer.label);
    }
  }

  #disconnected(event: Disconnection): void {
    const found = this.#peers.leaver(event.peer);
    if (!found) {
      // The server's close and the line about the client's end are one disconnect.
      if (!this.#isWhole || this.#ended.get(event.peer)) return;
      const { label } = event.peer;
      const sentence = `${label} disconnects, and nothing says that it connected`;
      this.#report('disconnect-before-connection', sentence, event, null, label);
      return;
    }
    const { connection, isConcluded } = found;
    this.#end(connection, event, isConcluded ? 'connection' : null);
    for (const behind of this.#peers.behind(connection)) this.#end(behind, event);
  }

  /** Reports a proxy that is not registered. */
  #behind(proxy: string, event: Observed, of: ObservedConnection): void {
    if (!this.#isWhole || this.#unknownProxies.has(proxy)) return;
    if (this.#peers.named({ label: proxy })?.isRegistered) return;
    if (this.#unknownProxies.size < 1_000) this.#unknownProxies.add(ownText(proxy));
    const sentence = `${of.client} speaks through the proxy ${proxy}, which is not registered`;
    this.#report('unknown-proxy', sentence, event, of.id, of.client);
  }

  #open(peer: Peer, event: Observed, isNamed: boolean): ObservedConnection {
    const label = ownText(peer.label);
    // A label that belonged to an earlier session is not unique any more.
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
