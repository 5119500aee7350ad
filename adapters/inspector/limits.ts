import { OptionError } from '../runtime/errors.js';
import { wholeNumber } from '../runtime/whole-number.js';

/** What an inspector holds and takes at most. */
export interface InspectorLimits {
  /** Apps, connected or ended; of the ended ones, the app that connected first makes room for a new one. 1 to 1000. @default 16 */
  readonly apps: number;
  /** Actors of one app; of the ended ones, the actor that started first makes room for a new one; without one, the oldest actor. 1 to 100000. @default 5000 */
  readonly actors: number;
  /** Events of one app in its ladder; the oldest are forgotten. 1 to 1000000. @default 20000 */
  readonly events: number;
  /** Bytes that are held of one app: its definitions, live snapshots and events. 65536 or more. @default 67108864 */
  readonly bytes: number;
  /** Bytes of one frame; a longer one is ignored and counted. 1024 to 67108864. @default 4194304 */
  readonly frame: number;
  /** Bytes that are taken of one app per second, with a burst of twice as many; the rest is a gap. 65536 or more. @default 33554432 */
  readonly bytesPerSecond: number;
}

const max = Number.MAX_SAFE_INTEGER;
const rows: { readonly [Name in keyof InspectorLimits]: readonly [number, number, number] } = {
  apps: [16, 1, 1_000],
  actors: [5_000, 1, 100_000],
  events: [20_000, 1, 1_000_000],
  bytes: [67_108_864, 65_536, max],
  frame: [4_194_304, 1_024, 67_108_864],
  bytesPerSecond: [33_554_432, 65_536, max],
};

/** The limits with their defaults. @throws {OptionError} */
export function inspectorLimits(given: Partial<InspectorLimits> = {}): InspectorLimits {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(rows, name));
  if (unknown !== undefined) {
    throw new OptionError('limits', unknown, Object.keys(rows).join(', '));
  }
  const entries = Object.entries(rows).map(([name, [usual, min, most]]) => {
    const value = given[name as keyof InspectorLimits] ?? usual;
    return [name, wholeNumber(`limits.${name}`, value, { min, max: most, unit: '' })];
  });
  return Object.fromEntries(entries) as unknown as InspectorLimits;
}
