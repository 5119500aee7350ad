/** The log of `ixgate serve --json`. */
import { isRegisterName } from '../../../machines/registration/chart/message-events.js';
import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { Peer } from '../../../machines/registration/observer/events.js';
import type { Inference } from '../../../machines/registration/session/marks.js';
import type { LogFormat, LogSink } from '../log-reader.js';
import {
  afterRefusal,
  enderOf,
  refusalOf,
  refusedMessage,
  requestOf,
  type SessionEvent,
  type SessionLine,
  sessionEvents,
  sessionLine,
  withLastWords,
} from './gate-session.js';
import {
  JsonLineReader,
  type JsonLines,
  type JsonObject,
  type Outcome,
  objectsOf,
  type Where,
} from './json-lines.js';
import { LeftOut } from './left-out.js';
import { timeOf } from './time-of.js';

/** The first event of a file that continues another one. */
const continuations: ReadonlySet<string> = new Set(['log-rotated', 'log-reopened']);

const isSessionEvent = (event: unknown): event is SessionEvent =>
  (sessionEvents as readonly unknown[]).includes(event);

/**
 * A gate's log has the outcome of each client but no messages: requests are inferred from their answers, and marked. Its lines
 * are rate-limited, so lines are missing under a flood; the log does not name their clients.
 */
export const ixgateLogFormat: LogFormat = {
  id: 'ixgate-log',
  title: 'log of ixgate serve',
  hasConnections: true,
  recognises(head) {
    for (const { level, time, event, session, endpoints, logSchema } of objectsOf(head)) {
      if (typeof level !== 'string' || timeOf(time) === null) continue;
      if (typeof logSchema === 'number' && typeof event === 'string') return true;
      if (event === 'listening' ? Array.isArray(endpoints) : isSessionEvent(event) && session) {
        return true;
      }
    }
    return false;
  },
  startOf(head) {
    for (const { time } of objectsOf(head)) {
      const at = timeOf(time);
      if (at !== null) return at;
    }
    return null;
  },
  // The id of a session identifies the process, not the gate: the next process continues the log.
  serverOf: () => null,
  open: (source, sink) => new JsonLineReader(source, sink, new GateLines(sink)),
};

/** The known state of an open session. */
interface Known {
  /** Time of the connect or of the last line. */
  at: number;
  isRegistered: boolean;
  isRefused: boolean;
  /** Whether a registration was among the answered requests. */
  hasAsked: boolean;
}

/** Maximum number of open sessions; beyond it the oldest is dropped, as if its first lines were missing. */
const mostSessions = 100_000;

class GateLines implements JsonLines {
  readonly #sink: LogSink;
  readonly #sessions = new Map<string, Known>();
  readonly #leftOut = new LeftOut();
  #hasBegun = false;
  /** Time of the first line of a file that continues a rotated one. */
  #continuedAt: number | null = null;
  #at = 0;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  take(object: JsonObject, _text: string, where: Where): Outcome {
    const { event } = object;
    if (typeof event !== 'string') return 'ignored';
    const at = timeOf(object.time);
    if (at === null) return { damage: 'no time' };
    const line = isSessionEvent(event) ? sessionLine(object, event) : null;
    if (typeof line === 'string') return { damage: line };
    this.#at = at;
    // A new process has started: the connections of the earlier one have ended.
    const isStart = event === 'listening';
    if (!this.#hasBegun && continuations.has(event)) this.#continuedAt = at;
    if (isStart || !this.#hasBegun) this.#begin(isStart, where);
    if (line) this.#session(line, where);
    else if (event === 'suppressed') return this.#told(object, where);
    return isStart || line ? 'used' : 'ignored';
  }

  /** A line that does not look like a record is not from the gate: no lines of a session are missing. */
  unread(isRecord: boolean, where: Where): void {
    if (isRecord && this.#hasBegun) this.#missing('damaged', null, where);
  }

  isBeginning(text: string): boolean {
    return text.trimStart().startsWith('{');
  }

  cut(where: Where): void {
    if (this.#hasBegun) this.#missing('cut', null, where);
  }

  #begin(isWhole: boolean, where: Where): void {
    this.#hasBegun = true;
    if (isWhole) this.#sessions.clear();
    this.#sink.event({ type: 'began', at: this.#at, ...where, isWhole });
  }

  #missing(reason: 'damaged' | 'cut' | 'gap', peer: Peer | null, where: Where): void {
    this.#sink.event({ type: 'missing', at: this.#at, ...where, peer, reason });
  }

  #told({ of, errorName }: JsonObject, where: Where): Outcome {
    if (!isSessionEvent(of)) return 'ignored';
    if (of === 'refused') this.#leftOut.told(String(errorName), this.#at);
    this.#missing('gap', null, where);
    return 'used';
  }

  #session(line: SessionLine, where: Where): void {
    const peer: Peer = { label: line.session };
    const known = this.#sessions.get(line.session) ?? this.#connect(line, peer, where);
    if (line.event === 'registered') {
      known.isRegistered = true;
      this.#request(requestOf(line), peer, where);
      this.#said('server', { messageName: 'EventAck' }, peer, where);
    } else if (line.event === 'refused') {
      this.#leftOut.wrote(String(line.errorName), this.#at);
      known.isRefused = true;
      const message = refusedMessage(line);
      if (isRegisterName(message.messageName)) known.hasAsked = true;
      this.#request(message, peer, where);
      this.#said('server', refusalOf(line), peer, where);
    } else this.#end(line, known, peer, where);
    known.at = this.#at;
  }

  #connect({ session, age }: SessionLine, peer: Peer, where: Where): Known {
    const inferred: Inference[] = [...where.inferred, 'connect'];
    const at = this.#at - (age ?? 0);
    this.#sink.event({ type: 'connected', at, place: where.place, inferred, peer });
    const known = { at, isRegistered: false, isRefused: false, hasAsked: false };
    this.#sessions.set(session, known);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > mostSessions && oldest !== undefined) this.#sessions.delete(oldest);
    return known;
  }

  #end(line: SessionLine, known: Known, peer: Peer, where: Where): void {
    const { session, reason, error, clientName } = line;
    this.#sessions.delete(session);
    if (!known.isRegistered) {
      // Its earlier lines are in the file before.
      const isContinued =
        this.#continuedAt !== null && this.#at - (line.age ?? 0) <= this.#continuedAt;
      const isMissing = isContinued || (afterRefusal.has(reason) && !known.isRefused);
      if (isMissing || this.#leftOut.may(this.#at)) this.#missing('gap', peer, where);
      else if (clientName !== null && !known.hasAsked) {
        // It has a name, so it sent a request, whose answer is missing. The request was not before the previous line.
        this.#request(requestOf(line), peer, where, known.at);
      }
      if (withLastWords.has(reason) && error !== null) {
        this.#said('server', { messageName: 'EventError', errorDescription: error }, peer, where);
      }
    }
    const by = enderOf(line);
    this.#sink.event({ type: 'disconnected', at: this.#at, ...where, peer, by, reason });
  }

  #request(message: WireMessage, peer: Peer, { place, inferred }: Where, at = this.#at): void {
    this.#said('client', message, peer, { place, inferred: [...inferred, 'request'] }, at);
  }

  #said(
    by: 'client' | 'server',
    message: WireMessage,
    peer: Peer,
    { place, inferred }: Where,
    at = this.#at,
  ): void {
    this.#sink.event({ type: 'said', at, place, inferred, peer, by, message });
  }
}
