import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { KickOptions } from './kick.js';
import type { SendOutcome } from './send-outcome.js';
import type { SessionInfo } from './session-info.js';

/** A session of a gate as its viewers use it. It runs in this process or in a worker. */
export interface SessionView {
  readonly id: string;
  readonly isRegistered: boolean;
  /** A snapshot of its state now. */
  info(): SessionInfo;
  /**
   * Sends a message to a registered client.
   * @returns what happened to it; `buffered` for a session in a worker, if it is registered
   * @throws {OptionError} for a value that is not a message; what the codec throws for a message that it cannot encode
   */
  send(message: WireMessage): SendOutcome;
  /**
   * Handles a message as if the client had sent it. The answer goes to the client.
   * @returns false while the client waits for an answer or for its handlers, or when the session is over; then nothing happened
   */
  inject(message: WireMessage): boolean;
  /** Writes what is waiting to be written and closes the connection. */
  disconnect(): void;
  /**
   * Sends EventError kicked and closes the connection, whether the client is registered or not. A client of this package comes back after
   * `retryAfter`, and not by itself without it. Without effect when the session is over.
   * @throws {OptionError} {UnknownOptionError}
   */
  kick(options?: KickOptions): void;
  /** Destroys the connection at once. */
  destroy(): void;
}

/** A session of a gate, as the service that embeds the gate uses it. */
export interface ServerSession<Data = undefined> extends SessionView {
  /** What the verdict gave for this client (`{ valid: true, data }`); undefined until it is registered. */
  readonly data: Data;
  /**
   * The fencing number of its name: of two sessions of one name in the cluster, the later one has the higher epoch. A service that changes
   * data for a client can reject an epoch below the highest it has seen. Null without a directory, for a name without a cap, and
   * for one that was granted while the directory was lost.
   */
  readonly epoch: number | null;
  /** The groups that it is in, in the order in which it joined. */
  readonly groups: readonly string[];
  /**
   * Joins a group. Only registered sessions are in groups, and the membership ends with the session.
   * @param group any text that is not empty
   * @returns whether it is in the group now; false when it is not registered
   * @throws {OptionError} for an invalid name
   */
  join(group: string): boolean;
  /** Leaves a group. @returns whether it was in it */
  leave(group: string): boolean;
}
