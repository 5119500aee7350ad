import { OptionError } from '../runtime/errors.js';

/** Names of clusters and nodes. */
export const directoryName = /^[\w.-]{1,64}$/;
export const directoryNameAllowed = '1 to 64 letters, digits, dots, underscores and hyphens';

/**
 * Checks the name of a cluster or of a node, which become part of keys and subjects in the store.
 * @throws {OptionError}
 */
export function checkedDirectoryName(option: 'cluster' | 'node', name: string): string {
  if (typeof name === 'string' && directoryName.test(name)) return name;
  throw new OptionError(option, name, directoryNameAllowed);
}

/** The partition of a name, by a hash that is the same in all gates (FNV-1a over UTF-16 code units). @param count number of partitions */
export function partitionIndexOf(clientName: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < clientName.length; at += 1) {
    hash = Math.imul(hash ^ clientName.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % count;
}
