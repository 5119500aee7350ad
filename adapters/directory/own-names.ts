import type { HeldName, NameClaim, ReassertedName } from './directory.js';

/** A name that a session of this gate holds. */
export interface OwnName {
  readonly clientName: string;
  /** Maximum number of sessions of the name. */
  readonly cap: number;
  readonly policy: NameClaim['policy'];
  /** Null for a name that was granted without the store. */
  epoch: number | null;
  /** Whether it was written to the store again after the grant. */
  isReasserted?: boolean;
}

/** The names that the sessions of this gate hold in one partition. */
export class OwnNames {
  readonly #bySession = new Map<string, OwnName>();
  /** The sessions of each name, as they were added. */
  readonly #byName = new Map<string, Set<string>>();
  /** The sessions whose name was granted without the store. */
  readonly #provisional = new Set<string>();

  get size(): number {
    return this.#bySession.size;
  }

  /** The sessions whose name was granted without the store. */
  get provisional(): readonly string[] {
    return [...this.#provisional];
  }

  get hasProvisional(): boolean {
    return this.#provisional.size > 0;
  }

  get(session: string): OwnName | undefined {
    return this.#bySession.get(session);
  }

  /** Whether the session holds the name by this grant. */
  has({ session, epoch }: HeldName): boolean {
    return this.#bySession.get(session)?.epoch === epoch;
  }

  add(session: string, name: OwnName): void {
    this.delete(session);
    this.#bySession.set(session, name);
    if (name.epoch === null) this.#provisional.add(session);
    const sessions = this.#byName.get(name.clientName) ?? new Set();
    this.#byName.set(name.clientName, sessions.add(session));
  }

  delete(session: string): void {
    const name = this.#bySession.get(session);
    if (!name) return;
    this.#bySession.delete(session);
    this.#provisional.delete(session);
    const sessions = this.#byName.get(name.clientName);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#byName.delete(name.clientName);
  }

  /** The store has granted a name that was granted without it. */
  confirm(session: string, epoch: number): void {
    const name = this.#bySession.get(session);
    if (name) name.epoch = epoch;
    this.#provisional.delete(session);
  }

  markReasserted(session: string): void {
    const name = this.#bySession.get(session);
    if (name) name.isReasserted = true;
  }

  /** The sessions of this gate that hold a name, as they were added. */
  sessionsOf(clientName: string): readonly string[] {
    return [...(this.#byName.get(clientName) ?? [])];
  }

  /** The names with an epoch, the highest first. */
  granted(): ReassertedName[] {
    return [...this.#bySession]
      .flatMap(([session, { clientName, cap, epoch }]) =>
        epoch === null ? [] : [{ session, clientName, cap, epoch }],
      )
      .sort((one, other) => other.epoch - one.epoch);
  }
}
