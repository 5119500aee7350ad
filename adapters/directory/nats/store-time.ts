/** The time of the server, from the times of messages that it has stored. */
export class StoreTime {
  /** Milliseconds since 1970 minus the monotonic clock of this process. */
  #offset: number | null = null;

  /** @param sent when the message was sent, on the monotonic clock. @param stored when it was stored, in microseconds since 1970 */
  set(sent: number, stored: number): void {
    this.#offset = stored / 1_000 - (sent + performance.now()) / 2;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#offset === null ? Date.now() : performance.now() + this.#offset;
  }
}

/** The time in an answer of the API, e.g. `2026-11-30T13:20:23.210376152Z`, in whole microseconds since 1970. */
export function microsecondsOf(time: string): number {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.');
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}
