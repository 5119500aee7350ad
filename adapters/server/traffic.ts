import { protocolMessages } from '../../machines/registration/chart/messages.js';

/** Maximum number of names that messages are counted by, `other` included: each is a series of metrics in both directions. */
const maxNames = 100;
/** The name that stands for all others. */
const other = 'other';

interface Count {
  received: number;
  sent: number;
}

/**
 * Counts messages by name and direction, and bytes. The names are those of the protocol and those that the service declares, so a client
 * cannot add one.
 */
export class Traffic {
  bytesReceived = 0;
  bytesSent = 0;
  readonly #other: Count = { received: 0, sent: 0 };
  readonly #byName = new Map<string, Count>();

  constructor() {
    this.declare(protocolMessages);
  }

  /** Counts messages of these names from now on. Names beyond the maximum count as `other`. */
  declare(names: Iterable<string>): void {
    for (const name of names) {
      if (this.#byName.has(name) || name === other || this.#byName.size >= maxNames - 1) continue;
      this.#byName.set(name, { received: 0, sent: 0 });
    }
  }

  received(name: string): void {
    (this.#byName.get(name) ?? this.#other).received += 1;
  }

  sent(name: string): void {
    (this.#byName.get(name) ?? this.#other).sent += 1;
  }

  /** The counts of a direction, by name. */
  messages(direction: keyof Count): Record<string, number> {
    const named = [...this.#byName].map(([name, count]) => [name, count[direction]] as const);
    return Object.fromEntries([...named, [other, this.#other[direction]]]);
  }
}
