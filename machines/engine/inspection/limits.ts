/** What is held of inspected apps at most. */
export interface HeldLimits {
  /** Apps, connected or ended; of the ended ones, the app that connected first makes room for a new one. 1 to 1000. @default 16 */
  readonly apps: number;
  /** Actors of one app; of the ended ones, the actor that started first makes room for a new one; without one, the oldest actor. 1 to 100000. @default 5000 */
  readonly actors: number;
  /** Events of one app in its ladder; the oldest are forgotten. 1 to 1000000. @default 20000 */
  readonly events: number;
  /** Bytes that are held of one app: its definitions, live snapshots and events. 65536 or more. @default 67108864 */
  readonly bytes: number;
}

export const heldLimits: HeldLimits = {
  apps: 16,
  actors: 5_000,
  events: 20_000,
  bytes: 67_108_864,
};
