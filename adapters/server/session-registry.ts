import type { AdmittedConnection, ManagedSession } from './admitted-connection.js';

/**
 * The sessions of a gate, oldest first, and by their ids.
 *
 * Sessions are in neither a Set nor a Map. When a Set or a Map grows, it leaves its old table behind, and an old table keeps its entries
 * from being collected young. So the list is linked through the admitted connections. The Map holds these too, and they drop their
 * session (decision 0012).
 */
export class SessionRegistry {
  readonly #run: string;
  readonly #byNumber = new Map<number, AdmittedConnection>();
  #first: AdmittedConnection | null = null;
  #last: AdmittedConnection | null = null;
  #size = 0;

  /** @param run the prefix of its sessions' ids */
  constructor(run: string) {
    this.#run = run;
  }

  /** Number of open connections, including those whose session is over. */
  get size(): number {
    return this.#size;
  }

  /** Number of sessions that are not over. */
  get live(): number {
    return this.#byNumber.size;
  }

  add(session: ManagedSession): void {
    const { admitted } = session;
    admitted.session = session;
    admitted.before = this.#last;
    if (this.#last) this.#last.after = admitted;
    else this.#first = admitted;
    this.#last = admitted;
    this.#size += 1;
    this.#byNumber.set(session.number, admitted);
  }

  /** A session that is not over, by its id. */
  get(id: string): ManagedSession | undefined {
    const [run, number] = id.split('-');
    const session = this.#byNumber.get(Number(number))?.session;
    return run === this.#run && session?.id === id ? session : undefined;
  }

  /** The session is over. @returns whether it was in the registry */
  over({ number }: ManagedSession): boolean {
    return this.#byNumber.delete(number);
  }

  /** The connection of a session is gone, after the session was over. */
  remove({ admitted }: ManagedSession): void {
    if (admitted.session === null) return;
    const { before, after } = admitted;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    admitted.session = admitted.before = admitted.after = null;
    this.#size -= 1;
  }

  /** Calls back for each session with an open connection, oldest first. The session may be removed in the callback. */
  each(call: (session: ManagedSession) => void): void {
    for (let one = this.#first; one; ) {
      const { session, after } = one;
      if (session) call(session);
      one = after;
    }
  }

  /** A copy of the list of sessions with an open connection, oldest first. */
  all(): ManagedSession[] {
    const sessions: ManagedSession[] = [];
    for (let one = this.#first; one; one = one.after) if (one.session) sessions.push(one.session);
    return sessions;
  }

  /** A copy of the list of sessions that are not over, oldest first. */
  sessions(): ManagedSession[] {
    return this.all().filter((session) => this.#byNumber.has(session.number));
  }
}
