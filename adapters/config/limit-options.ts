/** The rows of the limits: what a stranger may cost, and what he sees when he costs more. */
import type { OptionRow } from './option-row.js';
import type { Range } from './quantities.js';
import {
  durationOf,
  numberOf,
  prefixLengths,
  rate,
  risingRefusal,
  sizeOf,
  sources,
} from './readings.js';

const deadline: Range = { min: '1ms', max: '24d' };
const penalty: Range = { min: '0ms', max: '24d' };
const frame: Range = { min: '64B', max: '64MiB' };
const unsent: Range = { min: '64B', max: '1024MiB' };
const rateAllowed = '1 to 1000000 a second, 1 to 1000000 at once';

/** A row with a duration. */
const time = <const Default extends string>(byDefault: Default, description: string) =>
  ({
    kind: 'value',
    group: 'Time',
    schema: durationOf(deadline),
    default: byDefault,
    argument: '<duration>',
    description,
    allowed: '1ms to 24d',
  }) as const satisfies OptionRow;

/** A row with a number. */
const count = <const Group extends 'Limits on strangers' | 'Limits on messages' | 'Penalties'>(
  group: Group,
  byDefault: string,
  most: number,
  description: string,
) =>
  ({
    kind: 'value',
    group,
    schema: numberOf(1, most),
    default: byDefault,
    argument: '<number>',
    description,
    allowed: `1 to ${most}`,
  }) as const satisfies OptionRow;

/** A row with a size. */
const bytes = (range: Range, byDefault: string, description: string) =>
  ({
    kind: 'value',
    group: 'Limits on messages',
    schema: sizeOf(range),
    default: byDefault,
    argument: '<size>',
    description,
    allowed: `${range.min} to ${range.max}`,
  }) as const satisfies OptionRow;

/** A row with the seconds that one kind of failure costs. */
const penaltyFor = (byDefault: string, failure: string) =>
  ({
    kind: 'value',
    group: 'Penalties',
    schema: durationOf(penalty),
    default: byDefault,
    argument: '<duration>',
    description: `penalty of an address whose client ${failure}; 0ms for none`,
    allowed: '0ms to 24d',
  }) as const satisfies OptionRow;

export const timeLimits = {
  writeTimeout: time(
    '10s',
    'how long bytes may wait for a client that reads nothing; then it is disconnected (slow-reader)',
  ),
  turnBudget: time(
    '5ms',
    'how long messages of clients that are not registered may take of one turn of the event loop; the rest wait for the next one',
  ),
  maxLag: time(
    '500ms',
    'an event loop held up so long is overloaded: for a second new connections are turned away, save those of --exempt, and /readyz is 503',
  ),
} as const satisfies Record<string, OptionRow>;

export const strangerLimits = {
  maxConnections: {
    ...count('Limits on strangers', '16384', 1_000_000, 'connections in all; more are turned away'),
    otherwise: 'default 16384, or 256 below the limit of open files where that is less',
  },
  maxUnregistered: {
    kind: 'value',
    group: 'Limits on strangers',
    schema: risingRefusal,
    default: '1000:30:5000',
    argument: '<from:percent:full>',
    description:
      'connections that are not registered: from FROM on so many percent of the new ones are turned away at random, rising to all at FULL',
    allowed: '1 to 1000000, 0 to 100, FROM to 1000000',
  },
  maxUnregisteredPerAddress: count(
    'Limits on strangers',
    '128',
    1_000_000,
    'connections of one address (IPv6: one /64) that are not registered; more are turned away',
  ),
  maxUnregisteredPerPrefix: count(
    'Limits on strangers',
    '512',
    1_000_000,
    'connections of one block of addresses that are not registered; more are turned away',
  ),
  prefixLengths: {
    kind: 'value',
    group: 'Limits on strangers',
    schema: prefixLengths,
    default: '24:48',
    argument: '<v4:v6>',
    description: 'bits of an address that make the block it lies in, for IPv4 and IPv6',
    allowed: '0 to 32, 0 to 64',
  },
  exempt: {
    kind: 'list',
    group: 'Limits on strangers',
    schema: sources,
    default: ['127.0.0.0/8', '::1/128'],
    argument: '<address|block|none>',
    description:
      'addresses and blocks of addresses without limit per address or block, rate and penalty, and let in when the gate is overloaded; the limits in all hold for them too; may be repeated',
  },
  registrationRate: {
    kind: 'value',
    group: 'Limits on strangers',
    schema: rate,
    default: '20:100',
    argument: '<n:burst>',
    description:
      'registrations of one address: so many a second, so many at once; more are answered with EventError server-busy and may ask again',
    allowed: rateAllowed,
  },
  errorRate: {
    kind: 'value',
    group: 'Limits on strangers',
    schema: rate,
    default: '10:100',
    argument: '<n:burst>',
    description:
      'EventErrors to clients of one address that are not registered: so many a second, so many at once; then they are disconnected (too-many-errors)',
    allowed: rateAllowed,
  },
  maxErrors: count(
    'Limits on strangers',
    '16',
    1_000_000,
    'EventErrors to one client that is not registered; after the last it is disconnected (too-many-errors)',
  ),
  maxValidations: count(
    'Limits on strangers',
    '64',
    1_000_000,
    'registrations that are validated at once; the others wait in order and their deadlines run',
  ),
} as const satisfies Record<string, OptionRow>;

export const messageLimits = {
  messageRate: {
    kind: 'value',
    group: 'Limits on messages',
    schema: rate,
    default: null,
    otherwise: 'without it there is no limit',
    argument: '<n:burst>',
    description:
      'messages of one registered client: so many a second, so many at once; one that sends more is read later',
    allowed: rateAllowed,
  },
  maxFrame: bytes(
    frame,
    '64KiB',
    'longest message that is accepted; a longer one is EventError malformed-frame and the end',
  ),
  maxFrameUnregistered: bytes(
    frame,
    '8KiB',
    'the same for clients that are not registered; never above --max-frame',
  ),
  maxDepth: count(
    'Limits on messages',
    '32',
    1_000,
    'objects and lists within each other in a message; more are EventError malformed-frame and the end',
  ),
  maxAttributes: count(
    'Limits on messages',
    '256',
    1_000_000,
    'attributes of a message, nested ones and the members of lists included; more are EventError malformed-frame and the end',
  ),
  maxUnsent: bytes(
    unsent,
    '1MiB',
    'bytes that may wait to be written to one client; more, and it is disconnected (slow-reader)',
  ),
  maxUnsentUnregistered: bytes(
    unsent,
    '64KiB',
    'the same for clients that are not registered; never above --max-unsent',
  ),
} as const satisfies Record<string, OptionRow>;

export const penaltyOptions = {
  penaltyRefused: penaltyFor(
    '5s',
    'was refused as not valid, or failed in the TLS handshake or the WebSocket upgrade',
  ),
  penaltySilent: penaltyFor(
    '1s',
    'left without asking to register, save for health checks: 2 a second and 10 at once of connections closed without a byte and, on ws and wss, of plain HTTP requests',
  ),
  penaltyTimeout: penaltyFor('10s', 'did not register in time, or read nothing'),
  penaltyProtocolError: penaltyFor('10s', 'sent an invalid frame, or caused too many errors'),
  penaltyMin: {
    ...penaltyFor('15s', ''),
    description:
      'penalties of an address add up and pass with time; from here on its connections are turned away until they have passed; each penalty is divided by 1 + the registered sessions of the address at that moment, so that one bad client behind NAT does not lock out the others',
  },
  penaltyMax: {
    ...penaltyFor('10m', ''),
    description: 'the most that penalties of an address add up to; not below --penalty-min',
  },
  penaltySources: count(
    'Penalties',
    '65536',
    1_000_000,
    'addresses whose penalties are remembered; when there are more, the one that ends first is forgotten',
  ),
} as const satisfies Record<string, OptionRow>;

/** The keys of these rows; the library has the same. */
export const limitKeys = [timeLimits, strangerLimits, messageLimits, penaltyOptions].flatMap(
  (rows) => Object.keys(rows),
) as readonly (
  | keyof typeof timeLimits
  | keyof typeof strangerLimits
  | keyof typeof messageLimits
  | keyof typeof penaltyOptions
)[];
