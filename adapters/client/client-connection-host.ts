/** What one connection of a client, and the client, say to each other. */
import type { DisconnectReason, StepRecord, WireMessage } from '../../machines/index.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { RegistrationRefusedError } from './errors.js';
import type { ClientSettings } from './options.js';

/** A registration that was granted. */
export interface Registration {
  readonly endpoint: string;
  /** Of the RequestRegisterClient. */
  readonly referenceId: number;
  /** The server's answer. */
  readonly ack: WireMessage;
  /** Milliseconds from the request to the answer. */
  readonly elapsedMs: number;
}

/** Why a connection, or the attempt to set one up, ended; `error` is null when the client itself wanted it. */
export interface DisconnectInfo {
  readonly reason: DisconnectReason;
  readonly error: Error | null;
  /** The server does not answer, or shuts down: another endpoint should be tried first. @default false */
  readonly leaves?: boolean;
}

/** What a connection tells its client. None of these is called while the chart is in the middle of a step. */
export interface ClientConnectionHost {
  stepped(step: StepRecord): void;
  registered(registration: Registration): void;
  refused(error: RegistrationRefusedError): void;
  /** A message of the server after the registration. */
  received(message: WireMessage): void;
  /** Sends a request to see whether the server is still there. Settles with the answer, or when nothing more is received. */
  ask(message: WireMessage): Promise<unknown>;
  /** Nothing more is received or sent; called at once, unlike the others. */
  ended(ending: DisconnectInfo): void;
  /** The socket is gone too. Called once, last. */
  gone(ending: DisconnectInfo): void;
}

export interface ClientConnectionOptions {
  /** Names the session in its step records. */
  readonly session: string;
  readonly endpoint: Endpoint;
  /** For RequestRegisterClient. */
  readonly referenceId: number;
  readonly settings: ClientSettings;
}
