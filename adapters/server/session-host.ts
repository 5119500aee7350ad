import type { DisconnectReason, StepRecord } from '../../machines/index.js';
import type { ServerSettings } from './options.js';
import type { ClientRequest } from './reply.js';
import type { ServerSession } from './session.js';
import type { Refusal } from './session-info.js';

/** What a session needs of its server. */
export interface SessionHost {
  readonly settings: ServerSettings;
  /** Claims a place among the registered of this name, or says that all are taken. */
  claim(clientName: string, cap: number | undefined): boolean;
  connected(session: ServerSession): void;
  registered(session: ServerSession): void;
  refused(session: ServerSession, refusal: Refusal): void;
  disconnected(session: ServerSession, reason: DisconnectReason, error: Error | null): void;
  /** The connection itself is gone; after `disconnected`. */
  closed(session: ServerSession): void;
  requested(request: ClientRequest): void;
  stepped(step: StepRecord): void;
  problem(error: Error): void;
}
