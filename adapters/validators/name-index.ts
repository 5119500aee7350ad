import { isTextAt, type PackedTexts, packTexts } from './packed-texts.js';

/** A hash table of names. The number of a name is its index in the list. */
export interface NameIndex {
  readonly names: PackedTexts;
  /** A power of two of slots, at least half of them empty: 0, or 1 + the number of the name. */
  readonly slots: Uint32Array<ArrayBuffer>;
}

/** @returns the index, or the number of the first duplicate name. */
export function indexNames(list: readonly string[]): NameIndex | number {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(list.length * 2 + 1)));
  const index: NameIndex = { names: packTexts(list), slots };
  for (const [number, name] of list.entries()) {
    const slot = slotOf(index, name);
    if (slots[slot] !== 0) return number;
    slots[slot] = number + 1;
  }
  return index;
}

/** The number of a name; null if unknown. */
export function numberOf(index: NameIndex, name: string): number | null {
  const found = Number(index.slots[slotOf(index, name)]);
  return found === 0 ? null : found - 1;
}

/** The slot of a name, or the empty slot for it. */
function slotOf({ names, slots }: NameIndex, name: string): number {
  const last = slots.length - 1;
  let slot = hashOf(name) & last;
  while (slots[slot] !== 0 && !isTextAt(names, Number(slots[slot]) - 1, name)) {
    slot = (slot + 1) & last;
  }
  return slot;
}

/** FNV-1a, with its bits mixed once more: the low ones choose the slot. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
