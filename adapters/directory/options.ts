import { hostname } from 'node:os';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { wholeNumber } from '../runtime/whole-number.js';
import type { Directory } from './directory.js';
import { checkedDirectoryName } from './directory-names.js';
import {
  type ClaimsOnLossPolicy,
  claimsOnLossPolicies,
  type DirectoryLossPolicy,
  DirectoryMember,
  directoryLossPolicies,
  type MemberHost,
} from './member.js';
import { MemoryDirectory, MemoryStore } from './memory-directory.js';
import { shownStore, storeOf, storesAllowed } from './store-url.js';

/** How a gate shares its names with other gates. */
export interface DirectoryOptions {
  /**
   * The store of the names: `memory` (of this gate alone), `redis://[USER:PASSWORD@]HOST:PORT[/DB]`, `rediss://` (TLS),
   * `redis+sentinel://HOST:PORT,HOST:PORT/MASTER[/DB]`, `redis+cluster://HOST:PORT,...`, `nats://[USER:PASSWORD@]HOST:PORT`; or an open
   * directory, which the gate closes.
   */
  readonly store: string | Directory;
  /** The name of the cluster in the store: 1 to 64 letters, digits, dots, underscores and hyphens. @default 'ixgate' */
  readonly cluster?: string | undefined;
  /** The name of this gate, which no other live gate of the cluster has; as `cluster`. @default the host name */
  readonly node?: string | undefined;
  /**
   * Milliseconds that this gate holds its names after its last renewal, the same in all gates; 1000 to 3600000. The names of a gate
   * that dies are free after it. @default 6000
   */
  readonly lease?: number | undefined;
  /** What happens to sessions whose name has a cap when the store is lost for longer than the lease. @default 'close' */
  readonly onLoss?: DirectoryLossPolicy | undefined;
  /** What happens to clients whose name has a cap while the store is lost. @default 'refuse' */
  readonly claimsOnLoss?: ClaimsOnLossPolicy | undefined;
  /**
   * Whether the limits of addresses and blocks, the rates `registrationRate` and `errorRate`, and penalties hold for all gates of the
   * cluster together. @default true
   */
  readonly shareLimits?: boolean | undefined;
  /** Certificates (PEM) of the authorities that sign the store's certificate, for `rediss://` and `tls://`. @default those of Node */
  readonly ca?: string | undefined;
}

/** The options with all defaults. */
export interface DirectorySettings {
  readonly store: string | Directory;
  readonly cluster: string;
  readonly node: string;
  readonly lease: number;
  readonly onLoss: DirectoryLossPolicy;
  readonly claimsOnLoss: ClaimsOnLossPolicy;
  readonly shareLimits: boolean;
  readonly ca: string | undefined;
}

/** The range of the lease, in milliseconds. */
export const leaseRange = { min: 1_000, max: 3_600_000, unit: ' of milliseconds' };
export const defaultLease = 6_000;
export const defaultCluster = 'ixgate';

const names = ['store', 'cluster', 'node', 'lease', 'onLoss', 'claimsOnLoss', 'shareLimits', 'ca'];

/** @throws {OptionError} {UnknownOptionError} */
export function directorySettings(options: DirectoryOptions): DirectorySettings {
  checkOptionNames(options, names);
  const { store, cluster = defaultCluster, node = defaultNode(), lease, ca } = options;
  const { onLoss = 'close', claimsOnLoss = 'refuse', shareLimits = true } = options;
  if (typeof store !== 'string' && typeof store?.partitionOf !== 'function') {
    throw new OptionError('directory.store', store, 'a URL, memory, or an open directory');
  }
  const isOpen = typeof store !== 'string';
  if (!Object.hasOwn(directoryLossPolicies, onLoss)) {
    throw new OptionError('directory.onLoss', onLoss, 'close or keep');
  }
  if (!Object.hasOwn(claimsOnLossPolicies, claimsOnLoss)) {
    throw new OptionError('directory.claimsOnLoss', claimsOnLoss, 'refuse or provisional');
  }
  if (typeof shareLimits !== 'boolean') {
    throw new OptionError('directory.shareLimits', shareLimits, 'true or false');
  }
  return {
    store,
    cluster: checkedDirectoryName('cluster', cluster),
    node: checkedDirectoryName('node', node),
    lease: isOpen ? store.lease : wholeNumber('directory.lease', lease ?? defaultLease, leaseRange),
    onLoss,
    claimsOnLoss,
    shareLimits,
    ca,
  };
}

/** The host name, with other characters than those of a node name replaced. */
export function defaultNode(): string {
  return (
    hostname()
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, 64) || 'gate'
  );
}

/**
 * Opens the store and joins the cluster.
 * @throws {DirectoryError} {OptionError}
 */
export async function joinCluster(
  settings: DirectorySettings,
  host: MemberHost,
): Promise<DirectoryMember> {
  const { node, onLoss, claimsOnLoss } = settings;
  const directory = await openDirectory(settings);
  return DirectoryMember.open({ directory, node, onLoss, claimsOnLoss, host });
}

/**
 * Opens a store by its URL.
 * @throws {DirectoryError} when it cannot be used; {OptionError} for a URL that is not one of a store
 */
export async function openDirectory({
  store,
  cluster,
  lease,
  ca,
}: Pick<DirectorySettings, 'store' | 'cluster' | 'lease' | 'ca'>): Promise<Directory> {
  if (typeof store !== 'string') return store;
  const kind = storeOf(store);
  if (kind === 'memory') return new MemoryDirectory(new MemoryStore({ lease }));
  // A gate without a directory does not load the clients of the stores.
  if (kind === 'redis') {
    const { openRedisDirectory } = await import('./redis/open-redis-directory.js');
    return openRedisDirectory(store, { cluster, lease, ca });
  }
  if (kind === 'nats') {
    const { openNatsDirectory } = await import('./nats/open-nats-directory.js');
    return openNatsDirectory(store, { cluster, lease, ca });
  }
  throw new OptionError('directory.store', shownStore(store), storesAllowed);
}
