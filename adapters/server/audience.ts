import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { ManagedSession } from './admitted-connection.js';
import { checkMessage, EncodedMessage } from './encoded-message.js';
import type { ServerSettings } from './options.js';
import type { SendCounts } from './send-outcome.js';
import type { ServerSession } from './server-session.js';

/**
 * Registered sessions of a gate: those of one name, of one group, or those that a predicate selects. They are looked up by each
 * call, so an audience may be kept.
 */
export interface Audience<Data = undefined> extends Iterable<ServerSession<Data>> {
  /** Number of sessions in it now. */
  readonly size: number;
  /**
   * Sends a message to each session. It is encoded once.
   * @returns the number of sessions for each outcome; all are 0 where there is no session
   * @throws {OptionError} for a value that is not a message; what the codec throws for a message that it cannot encode
   */
  send(message: WireMessage): SendCounts;
}

/** An audience that calls back for its sessions. */
export class LookedUpAudience implements Audience<unknown> {
  readonly #sessions: () => readonly ManagedSession[];
  readonly #size: () => number;
  readonly #settings: () => ServerSettings;

  /** @param size the number of sessions, where it is known without a lookup */
  constructor(
    sessions: () => readonly ManagedSession[],
    settings: () => ServerSettings,
    size = () => sessions().length,
  ) {
    this.#sessions = sessions;
    this.#settings = settings;
    this.#size = size;
  }

  get size(): number {
    return this.#size();
  }

  [Symbol.iterator](): Iterator<ManagedSession> {
    return this.#sessions()[Symbol.iterator]();
  }

  send(message: WireMessage): SendCounts {
    checkMessage(message);
    const counts = { sent: 0, buffered: 0, 'not-registered': 0, closed: 0 };
    const encoded = new EncodedMessage(message, this.#settings());
    // A copy: a session may end, and leave the group, while it is sent the message.
    for (const session of this.#sessions()) counts[session.sendEncoded(encoded)] += 1;
    return counts;
  }
}
