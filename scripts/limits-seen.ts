import type { limitKeys, ServeKey } from '../adapters/config/index.js';

/** What a client notices of a limit, in words. */
interface Seen {
  readonly limit: string;
  readonly tcp: string;
  /** Where it is not the same on ws and wss. */
  readonly ws?: string;
}

/** The deadlines, which are options of their own and not rows of the limits. */
export const deadlineKeys = [
  'registrationTimeout',
  'rejectionTimeout',
  'validatorTimeout',
  'drain',
] as const satisfies readonly ServeKey[];

type Key = (typeof limitKeys)[number] | (typeof deadlineKeys)[number];

const rejected = {
  tcp: 'tcp: EventError server-busy, then the end; tls: the end, before the handshake',
  ws: 'ws: HTTP 503, with Retry-After where the wait is known; wss: the end, before the handshake',
};
const silence = { tcp: 'the end, without a word' };
const badFrame = { tcp: 'EventError malformed-frame, then the end' };
const nothing = { tcp: 'nothing' };
const waits = { tcp: 'answers come later; the deadline runs' };
const counted = { tcp: 'nothing at once: it is added to the penalty of the address' };

/** Every limit has its words here; the compiler says which has none. */
export const seen: Readonly<Record<Key, Seen>> = {
  registrationTimeout: { limit: 'time to register', ...silence, ws: 'close code 1008' },
  rejectionTimeout: { limit: 'time to register after an error', ...silence, ws: 'close code 1008' },
  validatorTimeout: {
    limit: 'time to validate',
    tcp: 'EventError validation-failed; it may ask again until the deadline',
  },
  drain: {
    limit: 'time to leave when the gate stops',
    tcp: 'EventError shutting-down, then the end',
    ws: 'EventError shutting-down, then close code 1001',
  },
  writeTimeout: {
    limit: 'time that bytes wait for a reader',
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  turnBudget: { limit: "strangers' share of one turn of the event loop", ...waits },
  maxLag: { limit: 'event loop held up', ...rejected },
  maxConnections: { limit: 'connections in all', ...rejected },
  maxUnregistered: {
    limit: 'unregistered connections, refused at random and ever more often',
    ...rejected,
  },
  maxUnregisteredPerAddress: {
    limit: 'unregistered connections of one address',
    ...rejected,
  },
  maxUnregisteredPerPrefix: {
    limit: 'unregistered connections of one block of addresses',
    ...rejected,
  },
  prefixLengths: { limit: 'how large such a block is', ...nothing },
  exempt: { limit: 'who has no limit of his own', ...nothing },
  registrationRate: {
    limit: 'registrations of one address a second',
    tcp: 'EventError server-busy; it may ask again until the deadline',
  },
  errorRate: {
    limit: 'EventErrors to one address a second',
    tcp: 'the end after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  messageRate: {
    limit: 'messages of one registered client a second',
    tcp: 'answers come later',
  },
  maxErrors: {
    limit: 'EventErrors to one connection; a blank line counts as one',
    tcp: 'the end after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  maxValidations: { limit: 'validations at once', ...waits },
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
    limit: 'bytes that wait for a reader',
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  maxUnsentUnregistered: {
    limit: 'the same before registration',
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  penaltyRefused: { limit: 'penalty for a registration that is refused', ...counted },
  penaltySilent: { limit: 'penalty for leaving without asking', ...counted },
  penaltyTimeout: { limit: 'penalty for running out of time', ...counted },
  penaltyProtocolError: { limit: 'penalty for what is no message', ...counted },
  penaltyMin: { limit: 'penalty from which an address is turned away', ...rejected },
  penaltyMax: {
    limit: 'longest penalty',
    tcp: 'the next connection is taken after that long at the latest',
  },
  penaltySources: { limit: 'addresses that are remembered', ...nothing },
};
