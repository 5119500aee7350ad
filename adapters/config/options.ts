/**
 * The one table of what `ixgate serve` can be told. Flags, environment variables, the configuration file, their checks
 * and their help are all made from it.
 */
import * as v from 'valibot';
import { type ErrorName, errorCodes } from '../../machines/index.js';
import { type Endpoint, parseEndpoint } from '../net/transports/endpoint.js';
import { isRedactName, redactNamesAllowed } from '../runtime/redaction.js';
import { addressOf } from '../web/address.js';
import { publicUrlFrom } from '../web/public-url.js';
import { isToken, tokenAllowed } from './admin-token.js';
import { messageLimits, penaltyOptions, strangerLimits, timeLimits } from './limit-options.js';
import type { OptionRow } from './option-row.js';
import { InvalidValueError, type Range } from './quantities.js';
import { choice, durationOf, hosts, numberOf, origins, reads, sources } from './readings.js';
import { recordingOptions } from './recording-options.js';

const deadline: Range = { min: '1ms', max: '24d' };
const drainTime: Range = { min: '0ms', max: '24d' };

const path = v.pipe(v.string('a file path'), v.nonEmpty('a file path'));

const endpointsAllowed =
  'tcp://host:port, tls://host:port, ws://host:port or wss://host:port, one or more';
const endpoint = v.pipe(
  v.string(endpointsAllowed),
  v.rawTransform<string, Endpoint>(({ dataset, addIssue, NEVER }) => {
    try {
      return parseEndpoint(dataset.value);
    } catch (error) {
      const [, why = ''] = /is no endpoint: (.*?)\. Write/.exec((error as Error).message) ?? [];
      addIssue({ message: `${endpointsAllowed}; ${why}` });
      return NEVER;
    }
  }),
);

const adminAllowed = 'http://host:port or off';
const publicUrlAllowed = 'an http or https URL without a query, e.g. https://ixgate.example/ops/';
const webhookAllowed = 'an http or https URL';
const numberAllowed = 'a whole number from -2147483648 to 2147483647';
const errorNumber = v.pipe(
  v.number(numberAllowed),
  v.integer(numberAllowed),
  v.minValue(-2_147_483_648, numberAllowed),
  v.maxValue(2_147_483_647, numberAllowed),
);
const errorNames = Object.keys(errorCodes) as ErrorName[];
const errorNumbersAllowed = 'a different number for each error name';

/** The table, group by group as in the help. */
export const serveOptions = {
  listen: {
    kind: 'list',
    group: 'Where it listens',
    schema: v.pipe(v.array(endpoint, endpointsAllowed), v.minLength(1, endpointsAllowed)),
    default: ['tcp://127.0.0.1:7004', 'ws://127.0.0.1:7005'],
    argument: '<endpoint>',
    description: 'where clients connect: tcp, tls, ws or wss; may be repeated',
    restart: true,
  },
  tlsCert: {
    kind: 'path',
    group: 'Where it listens',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'PEM certificate chain for tls and wss',
  },
  tlsKey: {
    kind: 'path',
    group: 'Where it listens',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'PEM private key of that certificate',
  },
  tlsCa: {
    kind: 'path',
    group: 'Where it listens',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'PEM certificates: clients of tls and wss must show one that these signed',
    otherwise: 'without it clients need no certificate',
  },
  allowOrigin: {
    kind: 'list',
    group: 'Where it listens',
    schema: origins,
    default: null,
    argument: '<origin|*>',
    description:
      "web pages that may open a WebSocket to --listen, beside those of this machine and of the endpoint's own host; others get HTTP 403; may be repeated",
    otherwise: 'without it no others',
  },
  allowHost: {
    kind: 'list',
    group: 'Where it listens',
    schema: hosts,
    default: null,
    argument: '<name>',
    description:
      'names that WebSocket clients and viewers may use for --listen and --admin on a loopback address, beside localhost and loopback addresses; other Host headers get HTTP 403; may be repeated',
    otherwise: 'without it no others',
  },
  admin: {
    kind: 'value',
    group: 'Where it listens',
    schema: reads(adminAllowed, (value) => {
      if (value === 'off') return null;
      try {
        addressOf(String(value));
      } catch {
        throw new InvalidValueError('');
      }
      return String(value);
    }),
    default: 'http://127.0.0.1:7080',
    argument: '<url|off>',
    description: 'where the page, /healthz, /readyz, /metrics and /sessions are served',
    restart: true,
  },
  adminToken: {
    kind: 'secret',
    group: 'Where it listens',
    schema: v.pipe(
      v.string(tokenAllowed),
      v.check((text) => isToken(text) || /^@./.test(text), tokenAllowed),
    ),
    default: null,
    argument: '<token|@file>',
    description: 'what must be shown to watch sessions; needed where other machines reach --admin',
    allowed: tokenAllowed,
    otherwise: 'without it none is asked for',
    restart: true,
  },
  adminPublicUrl: {
    kind: 'value',
    group: 'Where it listens',
    schema: reads(publicUrlAllowed, (value) => {
      const url = publicUrlFrom(String(value));
      if (url === null) throw new InvalidValueError('');
      return url.href;
    }),
    default: null,
    argument: '<url>',
    description:
      'where people reach --admin through a reverse proxy; the page works from there, and the start message has this address; needs --admin-token unless it names this machine',
    otherwise: 'without it there is no proxy',
    restart: true,
  },
  adminTrustProxy: {
    kind: 'list',
    group: 'Where it listens',
    schema: sources,
    default: null,
    argument: '<address|block>',
    description:
      'proxies in front of --admin whose X-Forwarded-For is believed, for the limits of an address; may be repeated',
    otherwise: 'without it all viewers behind a proxy share its address',
    restart: true,
  },
  allowInject: {
    kind: 'switch',
    group: 'Where it listens',
    schema: v.boolean('true or false'),
    default: false,
    description: 'viewers on /xstate may speak in place of clients and disconnect them',
    restart: true,
  },
  stately: {
    kind: 'switch',
    group: 'Where it listens',
    schema: v.boolean('true or false'),
    default: false,
    description:
      "serve a page with the sessions in Stately's hosted inspector; the browser that opens it needs the internet; needs @statelyai/inspect",
    restart: true,
  },
  clients: {
    kind: 'path',
    group: 'Who may register',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'JSON or YAML file of the clients that may register, followed when it changes',
    otherwise: 'without it any name may register',
  },
  disconnectRemoved: {
    kind: 'switch',
    group: 'Who may register',
    schema: v.boolean('true or false'),
    default: false,
    description:
      'when --clients changes, disconnect registered clients that it does not allow any more; they get EventError registration-revoked',
  },
  namePolicy: {
    kind: 'value',
    group: 'Who may register',
    schema: choice(['probe', 'reject', 'takeover']),
    default: 'probe',
    argument: '<probe|reject|takeover>',
    description:
      'what happens when a name is registered whose cap is reached: probe replaces a session whose client does not answer within 2.5 s, reject rejects the new one, takeover replaces the oldest',
  },
  validator: {
    kind: 'value',
    group: 'Who may register',
    schema: reads(webhookAllowed, (value) => {
      const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
      if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new InvalidValueError('');
      return url.href;
    }),
    default: null,
    argument: '<url>',
    description:
      'web service that is asked about each registration; while it gives no verdict, clients are refused with validation-failed',
    otherwise: 'without it none is asked',
  },
  certificateName: {
    kind: 'switch',
    group: 'Who may register',
    schema: v.boolean('true or false'),
    default: false,
    description: "the client certificate's CN must be the clientName; needs --tls-ca",
  },
  registrationTimeout: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(deadline),
    default: '10s',
    argument: '<duration>',
    description:
      'from the connection, TLS handshake and WebSocket upgrade included, until a client that is not registered is disconnected',
    allowed: '1ms to 24d',
  },
  rejectionTimeout: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(deadline),
    default: '5s',
    argument: '<duration>',
    description: 'from the first EventError until a client that is not registered is disconnected',
    allowed: '1ms to 24d',
  },
  validatorTimeout: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(deadline),
    default: '5s',
    argument: '<duration>',
    description: 'how long validation may take; then the client is refused with validation-failed',
    allowed: '1ms to 24d',
  },
  drain: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(drainTime),
    default: '5s',
    argument: '<duration>',
    description: 'how long registered clients have to leave when the gate is told to stop',
    allowed: '0ms to 24d',
  },
  drainDelay: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(drainTime),
    default: '0ms',
    argument: '<duration>',
    description:
      'how long the gate still accepts clients after SIGTERM while /readyz answers 503, so that a load balancer stops sending it clients',
    allowed: '0ms to 24d',
  },
  wsPing: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(drainTime),
    default: '25s',
    argument: '<duration>',
    description: 'silence after which a WebSocket client is pinged; 0ms for never',
    allowed: '0ms to 24d',
  },
  wsPingTimeout: {
    kind: 'value',
    group: 'Time',
    schema: durationOf(deadline),
    default: '10s',
    argument: '<duration>',
    description: 'how long a pinged client may send nothing; then it is disconnected',
    allowed: '1ms to 24d',
  },
  ...timeLimits,
  ...strangerLimits,
  ...messageLimits,
  ...penaltyOptions,
  errorCodes: {
    kind: 'numbers',
    group: 'Answers',
    schema: v.pipe(
      v.strictObject(
        Object.fromEntries(errorNames.map((name) => [name, v.optional(errorNumber)])) as {
          [Name in ErrorName]: v.OptionalSchema<typeof errorNumber, undefined>;
        },
        errorNumbersAllowed,
      ),
      v.check((numbers) => {
        const all = Object.values({ ...errorCodes, ...numbers });
        return new Set(all).size === all.length;
      }, errorNumbersAllowed),
    ),
    default: null,
    argument: '<name=number>',
    flag: 'error-code',
    description: 'number that goes on the wire for an error name; may be repeated',
    otherwise: 'default the numbers of docs/protocol.md',
  },
  answer: {
    kind: 'value',
    group: 'Answers',
    schema: choice(['ack', 'none']),
    default: 'ack',
    argument: '<ack|none>',
    description:
      'what the requests of registered clients are answered with: EventAck, for trying out, or nothing',
  },
  redactNames: {
    kind: 'list',
    group: 'Recordings',
    schema: reads(redactNamesAllowed, (value): string[] => {
      const names = [value].flat().flatMap((text) => String(text).split(/\s*,\s*/));
      const wrong = names.find((name) => !isRedactName(name));
      if (wrong === undefined) return names;
      throw new InvalidValueError(`${JSON.stringify(wrong)} is invalid`);
    }),
    default: null,
    argument: '<name,...>',
    description:
      'attributes whose values are masked wherever messages are shown or recorded, by the words of their names: ssn is found in customerSsn too; may be repeated',
    otherwise: 'without it those that docs/feed.md lists',
  },
  ...recordingOptions,
  workers: {
    kind: 'value',
    group: 'Processes',
    schema: numberOf(1, 64),
    default: '1',
    argument: '<n>',
    description:
      'processes that share the addresses and are seen as one gate; one that dies is replaced. As many as there are cores, where one is not enough',
    allowed: '1 to 64',
    restart: true,
  },
  runner: {
    kind: 'value',
    group: 'Processes',
    schema: choice(['table', 'actor']),
    default: 'table',
    argument: '<table|actor>',
    description:
      'what runs the chart of each session: the chart compiled to a table, or an XState actor, which does the same at several times the cost',
  },
  logLevel: {
    kind: 'value',
    group: 'Log',
    schema: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    argument: '<level>',
    description: 'least severity that is logged',
    allowed: 'trace, debug, info, warn, error, silent',
  },
  logFormat: {
    kind: 'value',
    group: 'Log',
    schema: choice(['pretty', 'json']),
    default: null,
    argument: '<pretty|json>',
    description: 'how the log is written',
    otherwise: 'default pretty on a terminal, json elsewhere',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;

export type ServeKey = keyof typeof serveOptions;
export const serveKeys = Object.keys(serveOptions) as ServeKey[];

/** What every source is checked with: the file, the flags, the environment. */
export const serveSchema = v.strictObject(
  Object.fromEntries(serveKeys.map((key) => [key, v.optional(serveOptions[key].schema)])) as {
    [Key in ServeKey]: v.OptionalSchema<(typeof serveOptions)[Key]['schema'], undefined>;
  },
  'an object with options',
);

/** The options, read: durations in milliseconds, sizes in bytes. */
export type ServeValues = v.InferOutput<typeof serveSchema>;

/** `registrationTimeout` as a flag: `--registration-timeout`. */
export function flagOf(key: ServeKey): string {
  const row: OptionRow = serveOptions[key];
  return `--${row.flag ?? kebab(key)}`;
}

/** `registrationTimeout` as an environment variable: `IXGATE_REGISTRATION_TIMEOUT`. */
export function variableOf(key: ServeKey): string {
  return `IXGATE_${kebab(key).replaceAll('-', '_').toUpperCase()}`;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

/** The help of one option: what it is, what is allowed, what it is without it, and its variable. */
export function helpOf(key: ServeKey): string {
  const row: OptionRow = serveOptions[key];
  const { default: byDefault, otherwise } = row;
  const without =
    otherwise ?? (byDefault === null ? null : `default ${[byDefault].flat().join(' and ')}`);
  const notes = [row.allowed, without, variableOf(key)].filter(Boolean);
  return `${row.description} (${notes.join('; ')})`;
}
