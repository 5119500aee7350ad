import type { NatsConnection } from '@nats-io/transport-node';
import { toError } from '../../runtime/errors.js';
import { wholeNumber } from '../../runtime/whole-number.js';
import type { Directory } from '../directory.js';
import { checkedDirectoryName } from '../directory-names.js';
import { DirectoryError } from '../errors.js';
import { connectNats } from './connect-nats.js';
import { loadPackages, type NatsPackages } from './load-packages.js';
import { NatsDirectory, type NatsPlaces } from './nats-directory.js';
import { type ApiAnswer, apiErrors, NatsLink } from './nats-link.js';
import { type NatsAddress, parseNatsUrl } from './nats-url.js';

export interface NatsDirectoryOptions {
  /** The gates with the same cluster share names: 1 to 64 letters, digits, dots, underscores and hyphens. */
  readonly cluster: string;
  /** Milliseconds that a gate holds its names after its last renewal; at least 100. @default 6000 */
  readonly lease?: number | undefined;
  /** Servers of a NATS cluster that keep a copy: 1 to 5. Used when the buckets are created. @default that of the URL, or 1 */
  readonly replicas?: number | undefined;
  /** Milliseconds until an unanswered request is rejected. @default 1000 */
  readonly commandTimeout?: number | undefined;
  /** Certificates in PEM that `tls://` trusts. @default those of Node */
  readonly ca?: string | undefined;
  /** The oldest server that is accepted. @internal for tests @default '2.11.0' */
  readonly minVersion?: string | undefined;
}

/**
 * Opens the directory of a cluster in NATS, and creates its buckets where they do not exist.
 * @param url `nats://[USER:PASSWORD@]HOST[:PORT]`, `nats://TOKEN@HOST[:PORT]`, or `tls://...`; more servers after commas, `?replicas=N` at
 * the end
 * @throws {OptionError}
 * @throws {DirectoryError} within some seconds when the server cannot be used
 */
export async function openNatsDirectory(
  url: string,
  options: NatsDirectoryOptions,
): Promise<Directory> {
  const address = parseNatsUrl(url);
  const cluster = checkedDirectoryName('cluster', options.cluster);
  const range = { min: 100, max: 3_600_000, unit: ' of milliseconds' };
  const lease = wholeNumber('lease', options.lease ?? 6_000, range);
  const replicas = wholeNumber('replicas', options.replicas ?? address.replicas, {
    min: 1,
    max: 5,
    unit: '',
  });
  const packages = await loadPackages();
  const { minVersion = '2.11.0', commandTimeout: timeout = 1_000, ca } = options;
  const connection = await connectNats(packages, address, { minVersion, ca });
  const places = placesOf(cluster);
  const buckets = { connection, places, address, lease, replicas, timeout };
  try {
    await createBuckets(packages, buckets);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const link = new NatsLink(connection, { packages, address: address.shown, timeout });
  return new NatsDirectory({
    ...{ link, places, lease, address: address.shown },
    create: () => createBuckets(packages, buckets),
  });
}

/** Buckets and subjects have no dots. Two clusters never share one. */
function placesOf(cluster: string): NatsPlaces {
  const name = cluster.replace(/[_.]/g, (one) => (one === '_' ? '__' : '_d'));
  return {
    names: `ixgate-${name}-names`,
    leases: `ixgate-${name}-leases`,
    settings: `ixgate-${name}-settings`,
    subjects: `ixgate.${name}`,
  };
}

interface Buckets {
  readonly connection: NatsConnection;
  readonly places: NatsPlaces;
  readonly address: NatsAddress;
  readonly lease: number;
  readonly replicas: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Old values of a name are kept for the gate that reads the epoch of its grant, while other gates take the name. */
const history = 10;

/**
 * Creates the buckets that do not exist.
 * @throws {DirectoryError}
 */
async function createBuckets(
  { Kvm }: NatsPackages,
  { connection, places, address, lease, replicas, timeout }: Buckets,
): Promise<void> {
  // Reads come from the leader of the stream only: a replica may be late.
  const shared = { replicas, allow_direct: false };
  const wanted = [
    [places.leases, { ...shared, ttl: lease }],
    [places.names, { ...shared, history }],
    [places.settings, shared],
  ] as const;
  try {
    for (const [name, options] of wanted) {
      const found = await bucketAge(connection, name, timeout);
      if (found === null) await new Kvm(connection).create(name, options);
      else if (name === places.leases && found !== lease) {
        const message = `the lease of the cluster in ${address.shown} is ${found} ms, not ${lease} ms: all gates must have the same. To change it, stop all gates and remove the bucket ${name}`;
        throw new DirectoryError('CLUSTER_SETTINGS', message);
      }
    }
  } catch (cause) {
    if (cause instanceof DirectoryError) throw cause;
    const message = `the buckets of the directory ${address.shown} cannot be created: ${toError(cause).message}`;
    throw new DirectoryError('DIRECTORY_UNREACHABLE', message, { cause });
  }
}

/** The milliseconds after which a bucket removes a value; null if it does not exist. */
async function bucketAge(
  connection: NatsConnection,
  name: string,
  timeout: number,
): Promise<number | null> {
  const subject = `$JS.API.STREAM.INFO.KV_${name}`;
  const answer = (await connection.request(subject, '', { timeout })).json<
    ApiAnswer & { config: { max_age?: number } }
  >();
  if (answer.error?.err_code === apiErrors.streamNotFound) return null;
  if (answer.error) throw new Error(answer.error.description);
  return (answer.config.max_age ?? 0) / 1e6;
}
