/** What the processes of a cluster tell each other. */
import type { WireMessage } from '../../../machines/index.js';
import type { LoadedConfig } from '../../config/index.js';
import type { Endpoint } from '../../net/transports/endpoint.js';
import { IxgateError } from '../../runtime/errors.js';
import type { GateCounts, ServerEvents, SessionInfo } from '../../server/index.js';
import type { AdmissionChange } from '../../server/limits/index.js';

/** An error on its way: what it is by is its code. */
export interface SerializedError {
  readonly code: string | null;
  readonly message: string;
}

export function serializeError(error: Error & { readonly code?: unknown }): SerializedError {
  const { code, message } = error;
  return { code: typeof code === 'string' ? code : null, message };
}

export function deserializeError({ code, message }: SerializedError): Error {
  return code === null ? new Error(message) : new IxgateError(code, message);
}

/** Something that happened in a worker, in the words of `ServerEvents`; errors in it are `ToldError`s. */
export type ToldEvent = readonly [name: keyof ServerEvents, ...what: unknown[]];

/** What a worker's recorder has taken, and the file it writes. */
export interface Recorded {
  readonly steps: number;
  readonly dropped: number;
  readonly path: string | null;
}

/** What happened in a worker since it last told. */
export interface Batch {
  readonly type: 'batch';
  /** In order, steps among them while somebody reads them. */
  readonly events: readonly ToldEvent[];
  /** Steps that are not among them, because this process does not take them as fast as they come. */
  readonly untold: number;
  /** Sessions that came, or changed, as they are now. */
  readonly sessions: readonly SessionInfo[];
  /** What its Admission has counted. */
  readonly changes: readonly AdmissionChange[];
  readonly counts: GateCounts;
  readonly isOverloaded: boolean;
  readonly recorded: Recorded | null;
}

export type FromWorker =
  /** It hears what it is told from now on. */
  | { readonly type: 'ready' }
  /** It listens. */
  | { readonly type: 'opened'; readonly endpoints: readonly Endpoint[] }
  /** It does not. */
  | { readonly type: 'failed'; readonly error: SerializedError }
  | {
      readonly type: 'reconfigured';
      readonly generation: number;
      readonly error: SerializedError | null;
    }
  | Batch
  /** May a session be registered under this name, where so many may? */
  | {
      readonly type: 'claim';
      readonly id: number;
      readonly session: string;
      readonly clientName: string;
      readonly cap: number;
    }
  | {
      readonly type: 'log';
      readonly severity: 'info' | 'error' | 'once';
      readonly what: readonly [string, ...unknown[]];
    }
  /** `makeRoom` is done; what it ended was told before. */
  | { readonly type: 'madeRoom'; readonly id: number }
  /** Every connection is gone. */
  | { readonly type: 'drained' }
  /** The worker's event loop runs. */
  | {
      readonly type: 'heartbeat';
      /** The configuration in force; 0 before there is one. */
      readonly generation: number;
    };

export type ToWorker =
  | {
      readonly type: 'open';
      readonly loaded: LoadedConfig;
      /** Number of this configuration: each new one has the next. */
      readonly generation: number;
      /** Whether steps are to be told. */
      readonly steps: boolean;
      /** What the others have counted already. */
      readonly changes: readonly AdmissionChange[];
    }
  | {
      readonly type: 'reconfigure';
      readonly loaded: LoadedConfig;
      readonly generation: number;
      readonly rereadList: boolean;
    }
  | { readonly type: 'drain' }
  | { readonly type: 'changes'; readonly changes: readonly AdmissionChange[] }
  | { readonly type: 'claimed'; readonly id: number; readonly granted: boolean }
  /** Replaces those of these sessions that the policy of names replaces. */
  | { readonly type: 'makeRoom'; readonly id: number; readonly sessions: readonly string[] }
  | { readonly type: 'session'; readonly session: string; readonly ask: SessionAsk };

/** What is asked of a session in a worker. */
export type SessionAsk =
  | { readonly what: 'send' | 'inject'; readonly message: WireMessage }
  | { readonly what: 'disconnect' | 'destroy' };
