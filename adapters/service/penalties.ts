import type { ListedPenalty } from '../server/limits/index.js';

/** The longest penalty of each address, the longest first. @param lists of gates or workers, each of which knows the violations since its start */
export function longestPenalties(lists: readonly (readonly ListedPenalty[])[]): ListedPenalty[] {
  const longest = new Map<string, ListedPenalty>();
  for (const one of lists.flat()) {
    const known = longest.get(one.source);
    if (!known || known.remaining < one.remaining) longest.set(one.source, one);
  }
  return [...longest.values()].sort((one, other) => other.remaining - one.remaining);
}
