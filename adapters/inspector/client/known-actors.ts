import type { InspectedRef } from './actor-messages.js';

/** Maximum number of actors whose definitions are sent again after a loss of the connection. */
const most = 5_000;

/** The actors of an app. They are not kept alive. */
export class KnownActors {
  /** Those that have not ended, by session id. */
  readonly #actors = new Map<string, WeakRef<InspectedRef>>();
  /** Those that the inspector knows of this connection. */
  #told = new WeakSet<InspectedRef>();

  add(actor: InspectedRef): void {
    this.#actors.set(actor.sessionId, new WeakRef(actor));
    if (this.#actors.size <= most) return;
    const [oldest] = this.#actors.keys();
    if (oldest !== undefined) this.#actors.delete(oldest);
  }

  isTold(actor: InspectedRef): boolean {
    return this.#told.has(actor);
  }

  told(actor: InspectedRef): void {
    this.#told.add(actor);
  }

  ended({ sessionId }: InspectedRef): void {
    this.#actors.delete(sessionId);
  }

  /** A new connection knows nothing. */
  forgetTold(): void {
    this.#told = new WeakSet();
  }

  /** The actors that the inspector does not know. */
  untold(): InspectedRef[] {
    return [...this.#actors].flatMap(([session, ref]) => {
      const actor = ref.deref();
      if (!actor) this.#actors.delete(session);
      return actor && !this.#told.has(actor) ? [actor] : [];
    });
  }
}
