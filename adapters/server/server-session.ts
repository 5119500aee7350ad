import type { WireMessage } from '../../machines/index.js';
import type { SessionInfo } from './session-info.js';

/** A session of a gate, as the service that embeds the gate uses it. */
export interface ServerSession {
  readonly id: string;
  readonly isRegistered: boolean;
  info(): SessionInfo;
  /**
   * Sends a message to a registered client.
   * @returns false when the client is not registered or gone; then nothing was sent
   */
  send(message: WireMessage): boolean;
  /**
   * Handles a message as if the client had sent it. The answer goes to the client.
   * @returns false while the client waits for an answer, or when the session is over; then nothing happened
   */
  inject(message: WireMessage): boolean;
  /** Writes what is waiting to be written and closes the connection. */
  disconnect(): void;
  /** Destroys the connection at once. */
  destroy(): void;
}
