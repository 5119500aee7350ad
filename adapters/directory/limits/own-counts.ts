import type { SourceRow } from './limit-messages.js';
import { type SourceChange, sourceChange } from './source-changes.js';

interface Connections {
  readonly unregistered: number;
  readonly registered: number;
}

const none: Connections = { unregistered: 0, registered: 0 };

/** The connections of one gate or worker by source: as many sources as it has connections at most. */
export class OwnCounts {
  readonly #bySource = new Map<string, Connections>();
  #unregistered = 0;

  /** Number of unregistered connections. */
  get unregistered(): number {
    return this.#unregistered;
  }

  of(source: string): Connections {
    return this.#bySource.get(source) ?? none;
  }

  add(change: SourceChange): void {
    const { source } = change;
    if (change.unregistered === 0 && change.registered === 0) return;
    const before = this.of(source);
    const unregistered = before.unregistered + change.unregistered;
    const registered = before.registered + change.registered;
    this.#unregistered += change.unregistered;
    if (unregistered === 0 && registered === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, { unregistered, registered });
  }

  /** The sources, those with unregistered connections first. @param max maximum number of sources */
  rows(max: number): SourceRow[] {
    const rows = [...this.#bySource].map(
      ([source, { unregistered, registered }]): SourceRow => [source, unregistered, registered],
    );
    const first = rows.filter(([, unregistered]) => unregistered > 0);
    const later = rows.filter(([, unregistered]) => unregistered === 0);
    return [...first, ...later].slice(0, max);
  }

  /** The changes that make all counts zero. */
  gone(): SourceChange[] {
    return [...this.#bySource].map(([source, { unregistered, registered }]) =>
      sourceChange(source, { unregistered: -unregistered, registered: -registered }),
    );
  }
}
