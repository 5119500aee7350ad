/** The apps of an inspector. */
import { InspectedApp } from './app.js';
import type { HeldLimits } from './limits.js';

/** What an app tells of itself in the address. */
export interface AppGreeting {
  /** @default the name of its first actor */
  readonly name: string | null;
  /** The same for each connection of one app; null for apps that do not connect again. */
  readonly key: string | null;
}

export class InspectorStore {
  readonly #limits: HeldLimits;
  readonly #onRemoved: (app: InspectedApp) => void;
  readonly #apps = new Map<string, InspectedApp>();
  #count = 0;

  /** @param onRemoved called when an ended app made room */
  constructor(limits: HeldLimits, onRemoved: (app: InspectedApp) => void = () => {}) {
    this.#limits = limits;
    this.#onRemoved = onRemoved;
  }

  /** In the order in which they connected. */
  apps(): InspectedApp[] {
    return [...this.#apps.values()];
  }

  /** Whether another app may connect: an ended one makes room. */
  get hasRoom(): boolean {
    return this.#apps.size < this.#limits.apps || this.#oldestEnded() !== undefined;
  }

  /** The app of a new connection: a new one, or the one with the same key. */
  connect({ name, key }: AppGreeting, at: number): InspectedApp {
    const known = key === null ? undefined : this.apps().find((one) => one.key === key);
    if (known) {
      known.connectedAgain(at);
      return known;
    }
    const oldest = this.#oldestEnded();
    if (oldest && this.#apps.size >= this.#limits.apps) {
      this.#apps.delete(oldest.id);
      this.#onRemoved(oldest);
    }
    this.#count += 1;
    const app = new InspectedApp(`app-${this.#count}`, { name, key, at }, this.#limits);
    this.#apps.set(app.id, app);
    return app;
  }

  #oldestEnded(): InspectedApp | undefined {
    return this.apps().find(({ endedAt }) => endedAt !== null);
  }
}
