import { type HeldLimits, heldLimits } from '../../machines/engine/inspection/limits.js';
import { OptionError } from '../runtime/errors.js';
import { wholeNumber } from '../runtime/whole-number.js';

/** What an inspector holds and takes at most. */
export interface InspectorLimits extends HeldLimits {
  /** Bytes of one frame; a longer one is ignored and counted. 1024 to 67108864. @default 4194304 */
  readonly frame: number;
  /** Bytes that are taken of one app per second, with a burst of twice as many; the rest is a gap. 65536 or more. @default 67108864 */
  readonly bytesPerSecond: number;
}

const max = Number.MAX_SAFE_INTEGER;
const rows: { readonly [Name in keyof InspectorLimits]: readonly [number, number, number] } = {
  apps: [heldLimits.apps, 1, 1_000],
  actors: [heldLimits.actors, 1, 100_000],
  events: [heldLimits.events, 1, 1_000_000],
  bytes: [heldLimits.bytes, 65_536, max],
  frame: [4_194_304, 1_024, 67_108_864],
  bytesPerSecond: [67_108_864, 65_536, max],
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
