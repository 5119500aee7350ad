import { EventEmitter } from 'node:events';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { MemberState } from '../directory/member.js';
import type { Peer } from '../net/transports/peer.js';
import type { ConnectionRejection } from './limits/index.js';
import type { ServerSession, SessionView } from './server-session.js';
import type { Refusal } from './session-info.js';

/** The events of a gate. An error that a listener throws is reported as a problem and has no other effect. */
export interface GateEvents<Session, RegisteredSession = Session> {
  connected: [session: Session];
  registered: [session: RegisteredSession];
  /** An unregistered client was sent EventError. */
  refused: [session: Session, refusal: Refusal];
  disconnected: [session: Session, reason: DisconnectReason, error: Error | null];
  /** A connection was rejected before it became a session. */
  'connection-rejected': [peer: Peer & ConnectionRejection];
  /** A TLS handshake, a WebSocket upgrade or the header of a proxy failed before the client was connected. */
  'handshake-failed': [peer: Peer & { error: Error }];
  /**
   * A peer that is not in `trustProxy` stated another client address (`X-Forwarded-For`, `Forwarded`): an attack, or a proxy that is
   * missing in `trustProxy`. The address is ignored. The code of the error is UNTRUSTED_PROXY.
   */
  'forged-address': [peer: Peer & { error: Error }];
  /** The gate has the directory again (`live`), or has lost it: then no name with a cap is granted. */
  directory: [state: MemberState];
  step: [step: StepRecord];
  /** An error that the server survived, e.g. of a validator or a message handler. */
  problem: [error: Error];
}

/** The events of a gate whose sessions may run in workers. */
export type ViewEvents = GateEvents<SessionView>;

/** The events of a gate in this process. */
export type ServerEvents<Data = undefined> = GateEvents<
  ServerSession<Data | undefined>,
  ServerSession<Data>
>;

/** The listeners that events have, as tuples of arguments. */
type Arguments<Events> = Record<keyof Events, unknown[]>;

/** An EventEmitter with the events of a gate. */
export interface GateEmitter<Events extends Arguments<Events>>
  extends Omit<EventEmitter, 'on' | 'once' | 'off'> {
  on<Name extends keyof Events>(name: Name, listener: (...what: Events[Name]) => void): this;
  once<Name extends keyof Events>(name: Name, listener: (...what: Events[Name]) => void): this;
  off<Name extends keyof Events>(name: Name, listener: (...what: Events[Name]) => void): this;
}

/** With the types of EventEmitter itself, a gate with typed sessions could not be used as a GateView. */
export const GateEmitter = EventEmitter as unknown as new <
  Events extends Arguments<Events>,
>() => GateEmitter<Events>;
