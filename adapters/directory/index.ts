/** Stores of client names that the gates of a cluster share. */
export type {
  ClaimOutcome,
  ClusterSettings,
  Directory,
  DirectoryHandlers,
  DirectoryKind,
  DirectoryPartition,
  HeldName,
  Holder,
  Incarnation,
  Kick,
  NameClaim,
  ReassertedName,
  Reassertion,
  Renewal,
} from './directory.js';
export { DirectoryError, type DirectoryErrorCode } from './errors.js';
export type { ClaimsOnLossPolicy, DirectoryLossPolicy } from './member.js';
export { MemoryDirectory, MemoryStore, type MemoryStoreOptions } from './memory-directory.js';
export { type DirectoryOptions, openDirectory } from './options.js';
