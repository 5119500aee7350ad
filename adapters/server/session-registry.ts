import type { AdmittedConnection } from './admitted-connection.js';
import type { GateSession } from './session.js';

/**
 * The sessions of a gate, oldest first, and by their ids.
 *
 * Neither a Set nor a Map of sessions: each time one of those makes room it leaves its old table behind, with what was in it, and a table
 * that has grown old keeps all of that from being collected young. So the links are in the arrivals, and the Map has arrivals, which let
 * go of their session.
 */
export class SessionRegistry {
  readonly #run: string;
  readonly #byNumber = new Map<number, AdmittedConnection>();
  #first: AdmittedConnection | null = null;
  #last: AdmittedConnection | null = null;
  #size = 0;

  /** @param run what the ids of its sessions begin with. */
  constructor(run: string) {
    this.#run = run;
  }

  /** Connections that are there, those included whose session is over. */
  get size(): number {
    return this.#size;
  }

  /** Sessions that are not over. */
  get live(): number {
    return this.#byNumber.size;
  }

  add(session: GateSession): void {
    const { admitted } = session;
    admitted.session = session;
    admitted.before = this.#last;
    if (this.#last) this.#last.after = admitted;
    else this.#first = admitted;
    this.#last = admitted;
    this.#size += 1;
    this.#byNumber.set(session.number, admitted);
  }

  /** A session that is not over. */
  get(id: string): GateSession | undefined {
    const [run, number] = id.split('-');
    const session = this.#byNumber.get(Number(number))?.session;
    return run === this.#run && session?.id === id ? session : undefined;
  }

  /** The session is over. @returns whether it was there. */
  over({ number }: GateSession): boolean {
    return this.#byNumber.delete(number);
  }

  /** Its connection is gone, after it was over. */
  remove({ admitted }: GateSession): void {
    if (admitted.session === null) return;
    const { before, after } = admitted;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    admitted.session = admitted.before = admitted.after = null;
    this.#size -= 1;
  }

  /** Calls back for each session whose connection is there, oldest first. The one it is called for may leave meanwhile. */
  each(call: (session: GateSession) => void): void {
    for (let one = this.#first; one; ) {
      const { session, after } = one;
      if (session) call(session);
      one = after;
    }
  }

  /** Those whose connection is there, oldest first; a copy, so that they may leave meanwhile. */
  all(): GateSession[] {
    const sessions: GateSession[] = [];
    for (let one = this.#first; one; one = one.after) if (one.session) sessions.push(one.session);
    return sessions;
  }

  /** Those that are not over, oldest first. */
  sessions(): GateSession[] {
    return this.all().filter((session) => this.#byNumber.has(session.number));
  }
}
