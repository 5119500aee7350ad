import type { limitKeys, ServeKey } from '../adapters/config/index.js';

/** The visible effect of a limit on a client, as text for docs/reliability.md. */
interface Seen {
  readonly limit: string;
  readonly tcp: string;
  /** Set where ws and wss differ from tcp. */
  readonly ws?: string;
}

/** The deadlines, which are separate options and not rows of the limits. */
export const deadlineKeys = [
  'registrationTimeout',
  'rejectionTimeout',
  'validatorTimeout',
  'drain',
] as const satisfies readonly ServeKey[];

type Key = (typeof limitKeys)[number] | (typeof deadlineKeys)[number];

const connectionRejected = {
  tcp: 'tcp: EventError server-busy, then the close; tls: the close, before the handshake',
  ws: 'ws: HTTP 503, with Retry-After where the wait is known; wss: the close, before the handshake',
};
const silentClose = { tcp: 'the close, without a message' };
const badFrame = { tcp: 'EventError malformed-frame, then the close' };
const nothing = { tcp: 'nothing' };
const waits = { tcp: 'answers come later; the deadline runs' };
const counted = { tcp: 'nothing at first: it is added to the penalty of the address' };

/** The text of every limit; the compiler reports a missing one. */
export const seen: Readonly<Record<Key, Seen>> = {
  registrationTimeout: { limit: 'time to register', ...silentClose, ws: 'close code 1008' },
  rejectionTimeout: {
    limit: 'time to register after an error',
    ...silentClose,
    ws: 'close code 1008',
  },
  validatorTimeout: {
    limit: 'time to validate',
    tcp: 'EventError validation-failed; the client may try again until the deadline',
  },
  drain: {
    limit: 'time to disconnect when the gate stops',
    tcp: 'EventError shutting-down, then the close',
    ws: 'EventError shutting-down, then close code 1001',
  },
  writeTimeout: {
    limit: 'time that unsent bytes wait for the client to read',
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  turnBudget: { limit: 'share of unregistered clients in one turn of the event loop', ...waits },
  maxLag: { limit: 'delay of the event loop', ...connectionRejected },
  maxConnections: { limit: 'connections in total', ...connectionRejected },
  maxUnregistered: {
    limit: 'unregistered connections, with random early rejection',
    ...connectionRejected,
  },
  maxUnregisteredPerAddress: {
    limit: 'unregistered connections per address',
    ...connectionRejected,
  },
  maxUnregisteredPerPrefix: {
    limit: 'unregistered connections per block of addresses',
    ...connectionRejected,
  },
  prefixLengths: { limit: 'size of such a block', ...nothing },
  exempt: { limit: 'addresses without limits per address', ...nothing },
  registrationRate: {
    limit: 'registrations per address and second',
    tcp: 'EventError server-busy; the client may try again until the deadline',
  },
  errorRate: {
    limit: 'EventErrors per address and second',
    tcp: 'the close after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  messageRate: {
    limit: 'messages per registered client and second',
    tcp: 'answers come later',
  },
  maxErrors: {
    limit: 'EventErrors per connection; a blank line counts as one',
    tcp: 'the close after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  maxValidations: { limit: 'concurrent validations', ...waits },
  maxFrame: {
    limit: 'length of a message',
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1009',
  },
  maxFrameUnregistered: {
    limit: 'length of a message before registration',
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1009',
  },
  maxDepth: {
    limit: 'nesting of a message',
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1002',
  },
  maxAttributes: {
    limit: 'attributes of a message',
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1002',
  },
  maxUnsent: {
    limit: 'unsent bytes',
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  maxUnsentUnregistered: {
    limit: 'unsent bytes before registration',
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  penaltyRefused: { limit: 'penalty for a rejected registration', ...counted },
  penaltySilent: { limit: 'penalty for disconnecting without a registration', ...counted },
  penaltyTimeout: { limit: 'penalty for a timeout', ...counted },
  penaltyProtocolError: { limit: 'penalty for an invalid frame', ...counted },
  penaltyMin: { limit: 'penalty from which an address is rejected', ...connectionRejected },
  penaltyMax: {
    limit: 'longest penalty',
    tcp: 'the next connection is accepted after that time at the latest',
  },
  penaltySources: { limit: 'remembered addresses', ...nothing },
};
