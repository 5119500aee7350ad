/** What one connection of a client, and the client, say to each other. */
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import type { RegistrationRefusedError } from './errors.js';
import type { ClientSettings } from './settings.js';

/** A registration that was granted. */
export interface Registration {
  readonly endpoint: string;
  /** The reference id of the RequestRegisterClient. */
  readonly referenceId: number;
  /** The server's answer. */
  readonly ack: WireMessage;
  /** Milliseconds from the request to the answer. */
  readonly elapsedMs: number;
}

/** Why a connection or a connection attempt ended; `error` is null when the client closed it. */
export interface DisconnectInfo {
  readonly reason: DisconnectReason;
  readonly error: Error | null;
  /** The server does not answer, or shuts down; another endpoint should be tried first. @default false */
  readonly leaves?: boolean;
}

/** The events of a connection for its client. Only `ended` is called in the middle of a step of the chart. */
export interface ClientConnectionHost {
  /** Whether `stepped` is needed now. */
  isStepRead(): boolean;
  stepped(step: StepRecord): void;
  registered(registration: Registration): void;
  refused(error: RegistrationRefusedError): void;
  /** A message of the server after the registration. */
  received(message: WireMessage): void;
  /** Sends a request that checks whether the server still answers. Settles with the answer, or at the end of the connection. */
  ask(message: WireMessage): Promise<unknown>;
  /** Nothing more is received or sent; called at once. */
  ended(ending: DisconnectInfo): void;
  /** The socket is gone. Called once, last. */
  gone(ending: DisconnectInfo): void;
}

export interface ClientConnectionOptions {
  /** The id of the session in its step records. */
  readonly session: string;
  readonly endpoint: Endpoint;
  /** The reference id for RequestRegisterClient. */
  readonly referenceId: number;
  readonly settings: ClientSettings;
}
