import type { limitKeys, ServeKey } from '../adapters/config/index.js';

/** The visible effect of a limit on a client, as text for docs/reliability.md. */
interface Seen {
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
  registrationTimeout: { ...silentClose, ws: 'close code 1008' },
  rejectionTimeout: {
    ...silentClose,
    ws: 'close code 1008',
  },
  validatorTimeout: {
    tcp: 'EventError validation-failed; the client may try again until the deadline',
  },
  drain: {
    tcp: 'EventError shutting-down, then the close',
    ws: 'EventError shutting-down, then close code 1001',
  },
  writeTimeout: {
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  turnBudget: waits,
  maxLag: connectionRejected,
  maxConnections: connectionRejected,
  maxUnregistered: {
    ...connectionRejected,
  },
  maxUnregisteredPerAddress: {
    ...connectionRejected,
  },
  maxUnregisteredPerPrefix: {
    ...connectionRejected,
  },
  prefixLengths: nothing,
  exempt: nothing,
  registrationRate: {
    tcp: 'EventError server-busy; the client may try again until the deadline',
  },
  errorRate: {
    tcp: 'the close after the last EventError',
    ws: 'close code 1008 after the last EventError',
  },
  messageRate: {
    tcp: 'answers come later',
  },
  proxyClients: {
    tcp: 'EventError server-busy with the proxyClientId of the client',
  },
  maxErrors: {
    tcp: 'the close after the last EventError',
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
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  maxUnsentUnregistered: {
    ...silentClose,
    ws: 'the close, without a close frame (1006)',
  },
  penaltyRefused: counted,
  penaltySilent: counted,
  penaltyTimeout: counted,
  penaltyProtocolError: counted,
  penaltyMin: connectionRejected,
  penaltyMax: {
    tcp: 'the next connection is accepted after that time at the latest',
  },
  penaltySources: nothing,
};
