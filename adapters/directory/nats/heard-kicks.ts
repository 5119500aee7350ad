/**
 * The kicks that were heard. Each incarnation numbers the kicks that it sends to another one, and writes the numbers into its own lease.
 * So a lost kick is found by the next one, or by the lease.
 */
export class HeardKicks {
  /** The highest number heard, by the incarnation that is kicked and the one that kicks. */
  readonly #heard = new Map<string, Map<string, number>>();
  /** The numbers in the leases when they were last read. */
  readonly #written = new Map<string, Map<string, number>>();

  /** @returns false when a kick before this one was not heard */
  hear(own: string, from: string, number: number): boolean {
    const heard = this.#of(own);
    const last = heard.get(from) ?? 0;
    if (number > last) heard.set(from, number);
    return number <= last + 1;
  }

  /**
   * Compares with the numbers in the leases. @param numbers by incarnation, for every lease. A kick that is on its way counts as lost only at the next call.
   * @returns false when a kick was not heard
   */
  agrees(own: string, numbers: ReadonlyMap<string, number>): boolean {
    const heard = this.#of(own);
    const earlier = this.#written.get(own) ?? new Map<string, number>();
    this.#written.set(own, new Map(numbers));
    let agrees = true;
    for (const [from, number] of earlier) {
      if (number <= (heard.get(from) ?? 0)) continue;
      heard.set(from, number);
      agrees = false;
    }
    for (const from of heard.keys()) if (!numbers.has(from)) heard.delete(from);
    return agrees;
  }

  forget(own: string): void {
    this.#heard.delete(own);
    this.#written.delete(own);
  }

  #of(own: string): Map<string, number> {
    const heard = this.#heard.get(own) ?? new Map<string, number>();
    this.#heard.set(own, heard);
    return heard;
  }
}
