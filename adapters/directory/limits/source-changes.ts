/** By how much the counts of a source have changed, in one gate or in several. */
export interface SourceChange {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly source: string;
  /** Unregistered connections to which the limits of an address apply. */
  readonly unregistered: number;
  /** Connections of registered clients. */
  readonly registered: number;
  /** Registrations that took a token. */
  readonly asked: number;
  /** EventErrors that took a token. */
  readonly erred: number;
  /** Milliseconds by which the penalty of the source has grown. */
  readonly penalty: number;
}

export type SourceCount = Exclude<keyof SourceChange, 'source'>;

/** A change of some counts. */
export function sourceChange(
  source: string,
  changed: Partial<Record<SourceCount, number>>,
): SourceChange {
  return { source, ...none, ...changed };
}

const none = { unregistered: 0, registered: 0, asked: 0, erred: 0, penalty: 0 };
const counts = Object.keys(none) as SourceCount[];

/** Changes of many sources, added up by source. */
export class SourceChanges {
  readonly #bySource = new Map<string, Record<SourceCount, number>>();

  /** Number of sources. */
  get size(): number {
    return this.#bySource.size;
  }

  has(source: string): boolean {
    return this.#bySource.has(source);
  }

  add(change: SourceChange): void {
    const { source } = change;
    let sums = this.#bySource.get(source);
    if (!sums) {
      sums = { ...none };
      this.#bySource.set(source, sums);
    }
    for (const count of counts) sums[count] += change[count];
  }

  /** The sums. @param withCancelled also of sources whose changes have cancelled each other. @default false */
  all(withCancelled = false): SourceChange[] {
    return [...this.#bySource]
      .filter(([, sums]) => withCancelled || counts.some((count) => sums[count] !== 0))
      .map(([source, sums]) => ({ source, ...sums }));
  }

  /** Removes the changes. @returns as `all` */
  take(withCancelled = false): SourceChange[] {
    const all = this.all(withCancelled);
    this.#bySource.clear();
    return all;
  }
}
