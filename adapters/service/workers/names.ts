/**
 * The names of sessions that are registered or about to be, so that a cap of a name applies to all workers. A name is held from the
 * moment it is granted. The end of its worker releases it, even if the worker did not report the session.
 */
export class Names {
  readonly #bySession = new Map<string, { readonly clientName: string; readonly worker: number }>();
  /** The sessions of each name, in the order in which they got it. */
  readonly #holders = new Map<string, Set<string>>();

  /** @returns whether the name is granted; then it is held until `release`. */
  claim(session: string, clientName: string, cap: number, worker: number): boolean {
    this.release(session);
    if ((this.#holders.get(clientName)?.size ?? 0) >= cap) return false;
    this.hold(session, clientName, worker);
    return true;
  }

  /** The session is registered, whatever the cap of its name. */
  hold(session: string, clientName: string, worker: number): void {
    if (this.#bySession.get(session)?.clientName === clientName) return;
    this.release(session);
    this.#bySession.set(session, { clientName, worker });
    const holders = this.#holders.get(clientName) ?? new Set();
    this.#holders.set(clientName, holders.add(session));
  }

  /** The sessions of a name with their workers, oldest first. */
  of(clientName: string): { readonly session: string; readonly worker: number }[] {
    return [...(this.#holders.get(clientName) ?? [])].flatMap((session) => {
      const held = this.#bySession.get(session);
      return held ? { session, worker: held.worker } : [];
    });
  }

  /** The session has ended. */
  release(session: string): void {
    const held = this.#bySession.get(session);
    if (held === undefined) return;
    this.#bySession.delete(session);
    const holders = this.#holders.get(held.clientName);
    holders?.delete(session);
    if (holders?.size === 0) this.#holders.delete(held.clientName);
  }

  /** The worker has ended. */
  releaseAll(worker: number): void {
    for (const [session, held] of this.#bySession) {
      if (held.worker === worker) this.release(session);
    }
  }
}
