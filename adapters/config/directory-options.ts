/** The rows of `--directory`: the store of names that the gates of a cluster share. */
import * as v from 'valibot';
import {
  directoryName,
  directoryNameAllowed as nameAllowed,
} from '../directory/directory-names.js';
import { defaultCluster, defaultNode } from '../directory/options.js';
import { storeOf, storesAllowed } from '../directory/store-url.js';
import { InvalidValueError } from '../runtime/quantities.js';
import type { OptionRow } from './option-row.js';
import { choice, durationOf, reads } from './readings.js';

const passwordAllowed = 'a password, or @FILE';
const name = v.pipe(v.string(nameAllowed), v.regex(directoryName, nameAllowed));

export const directoryOptions = {
  directory: {
    kind: 'value',
    group: 'Cluster',
    schema: reads(storesAllowed, (value) => {
      const text = String(value);
      if (storeOf(text) === null) throw new InvalidValueError('');
      return text;
    }),
    default: null,
    argument: '<url>',
    description:
      'store of the names that have a cap, shared with other gates so that a cap holds for all of them: Redis or Valkey, or NATS with JetStream',
    allowed: storesAllowed,
    otherwise: 'without it the names of this gate alone',
    restart: true,
  },
  directoryPassword: {
    kind: 'secret',
    group: 'Cluster',
    schema: v.pipe(v.string(passwordAllowed), v.nonEmpty(passwordAllowed)),
    default: null,
    argument: '<password|@file>',
    description: 'password for --directory, instead of one in its URL',
    otherwise: 'without it that of the URL',
    restart: true,
  },
  directoryCa: {
    kind: 'path',
    group: 'Cluster',
    schema: v.pipe(v.string('a file path'), v.nonEmpty('a file path')),
    default: null,
    argument: '<file>',
    description:
      'PEM file of the authority that signed the certificate of --directory (rediss, tls)',
    otherwise: 'without it those that Node trusts',
    restart: true,
  },
  cluster: {
    kind: 'value',
    group: 'Cluster',
    schema: name,
    default: defaultCluster,
    argument: '<name>',
    description: 'name of the cluster in the store; gates of one cluster have the same name',
    allowed: nameAllowed,
    restart: true,
  },
  node: {
    kind: 'value',
    group: 'Cluster',
    schema: name,
    default: null,
    argument: '<name>',
    description: 'name of this gate, which no other live gate of the cluster has',
    allowed: nameAllowed,
    otherwise: 'default the host name',
    restart: true,
  },
  lease: {
    kind: 'value',
    group: 'Cluster',
    schema: durationOf({ min: '1s', max: '1h' }),
    default: '6s',
    argument: '<time>',
    description:
      'time that a gate holds its names after its last renewal, the same in all gates; the names of a gate that dies are free after it',
    allowed: '1s to 1h',
    restart: true,
  },
  onDirectoryLoss: {
    kind: 'value',
    group: 'Cluster',
    schema: choice(['close', 'keep']),
    default: 'close',
    argument: '<close|keep>',
    description:
      'what happens to clients whose name has a cap when the store is lost for longer than the lease: close disconnects them, so that no name is held twice; keep leaves them connected',
    restart: true,
  },
  claimsOnDirectoryLoss: {
    kind: 'value',
    group: 'Cluster',
    schema: choice(['refuse', 'provisional']),
    default: 'refuse',
    argument: '<refuse|provisional>',
    description:
      'what happens to new clients whose name has a cap while the store is lost: refuse answers server-busy; provisional registers them, and replaces those whose name another gate has when the store is back',
    restart: true,
  },
  shareLimits: {
    kind: 'switch',
    group: 'Cluster',
    schema: v.boolean('true or false'),
    default: true,
    description:
      'limits of addresses and blocks, rates and penalties for all gates of the cluster together; with --no-share-limits for each gate',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;

/** The name of this gate where `node` is not given. */
export const nodeOf = ({ node }: { readonly node?: string | undefined }): string =>
  node ?? defaultNode();
