import type { limitKeys, ServeKey } from '../adapters/config/index.js';

/** What a client notices of a limit. The limit itself is described in its option's row. */
interface Seen {
  readonly tcp: string;
  /** Where it is not the same on ws and wss. */
  readonly ws?: string;
}

/** The deadlines, which are options but not rows of the limit table. */
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

/** What a client sees when it reaches a limit. The compiler finds a limit that is missing here. */
export const seen: Readonly<Record<Key, Seen>> = {
  registrationTimeout: { ...silence, ws: 'close code 1008' },
  rejectionTimeout: { ...silence, ws: 'close code 1008' },
  validatorTimeout: {
    tcp: 'EventError validation-failed; it may ask again until the deadline',
  },
  drain: {
    tcp: 'EventError shutting-down, then the end',
    ws: 'EventError shutting-down, then close code 1001',
  },
  writeTimeout: {
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  turnBudget: waits,
  maxLag: rejected,
  maxConnections: rejected,
  maxUnregistered: rejected,
  maxUnregisteredPerAddress: rejected,
  maxUnregisteredPerPrefix: rejected,
  prefixLengths: nothing,
  exempt: nothing,
  registrationRate: {
    tcp: 'EventError server-busy; it may ask again until the deadline',
  },
  errorRate: {
    tcp: 'the end after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  messageRate: {
    tcp: 'answers come later',
  },
  maxErrors: {
    tcp: 'the end after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  maxValidations: waits,
  maxFrame: {
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1009',
  },
  maxFrameUnregistered: {
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1009',
  },
  maxDepth: {
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1002',
  },
  maxAttributes: {
    ...badFrame,
    ws: 'EventError malformed-frame, then close code 1002',
  },
  maxUnsent: {
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  maxUnsentUnregistered: {
    ...silence,
    ws: 'the end, without a close frame (1006)',
  },
  penaltyRefused: counted,
  penaltySilent: counted,
  penaltyTimeout: counted,
  penaltyProtocolError: counted,
  penaltyMin: rejected,
  penaltyMax: {
    tcp: 'the next connection is taken after that long at the latest',
  },
  penaltySources: nothing,
};
