/**
 * The table of all options of `ixgate serve`. Flags, environment variables, the configuration file, their checks and their help are
 * generated from it.
 */
import * as v from 'valibot';
import { type ErrorName, errorCodes } from '../../machines/registration/chart/error-codes.js';
import {
  type Endpoint,
  EndpointError,
  formatEndpoint,
  parseEndpoint,
} from '../net/transports/endpoint.js';
import { proxyProtocols } from '../net/transports/transport.js';
import { InvalidValueError, type Range } from '../runtime/quantities.js';
import { isRedactName, redactNamesAllowed } from '../runtime/redact-names.js';
import { addressOf } from '../web/address.js';
import { isToken } from '../web/guard.js';
import { publicUrlFrom } from '../web/public-url.js';
import { tokenAllowed } from './admin-token.js';
import { directoryOptions } from './directory-options.js';
import { limitOptions } from './limit-options.js';
import { logOptions } from './log-options.js';
import { kebab, type OptionRow } from './option-row.js';
import {
  choice,
  durationOf,
  hosts,
  numberOf,
  origins,
  proxies,
  reads,
  sources,
} from './readings.js';
import { recordingOptions } from './recording-options.js';

const deadline: Range = { min: '1ms', max: '24d' };
const drainTime: Range = { min: '0ms', max: '24d' };

const path = v.pipe(v.string('a file path'), v.nonEmpty('a file path'));

const endpointsAllowed =
  'tcp://host:port, tls://host:port, ws://host:port, wss://host:port, unix:///path, fd://N or systemd://NAME, one or more';
const endpoint = v.pipe(
  v.string(endpointsAllowed),
  v.rawTransform<string, Endpoint>(({ dataset, addIssue, NEVER }) => {
    try {
      return parseEndpoint(dataset.value);
    } catch (error) {
      const why = error instanceof EndpointError ? error.problem : (error as Error).message;
      addIssue({ message: `${endpointsAllowed}; ${why}` });
      return NEVER;
    }
  }),
);

const modeAllowed = 'three octal digits, e.g. 660';
const adminAllowed = 'http://host:port or off';
const controlAllowed = 'unix:///path, e.g. unix:///run/ixgate.ctl';
const publicUrlAllowed = 'an http or https URL without a query, e.g. https://ixgate.example/ops/';
const otlpAllowed = 'an http or https URL without user and query, e.g. http://127.0.0.1:4318';
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

/** The table, in the order of the help. */
export const serveOptions = {
  listen: {
    kind: 'list',
    group: 'Listening',
    schema: v.pipe(v.array(endpoint, endpointsAllowed), v.minLength(1, endpointsAllowed)),
    default: ['tcp://127.0.0.1:7004', 'ws://127.0.0.1:7005'],
    argument: '<endpoint>',
    description:
      'endpoint for clients: tcp, tls, ws, wss, unix, or a listening socket that the process inherits (fd, systemd; tls+fd and so on for other protocols); may be repeated',
    restart: true,
  },
  tlsCert: {
    kind: 'path',
    group: 'Listening',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'PEM certificate chain for tls and wss',
  },
  tlsKey: {
    kind: 'path',
    group: 'Listening',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'PEM private key of --tls-cert',
  },
  tlsCa: {
    kind: 'path',
    group: 'Listening',
    schema: path,
    default: null,
    argument: '<file>',
    description:
      'PEM certificates of the authorities that must have signed the certificates of tls and wss clients',
    otherwise: 'without it clients need no certificate',
  },
  allowOrigin: {
    kind: 'list',
    group: 'Listening',
    schema: origins,
    default: null,
    argument: '<origin|*>',
    description:
      "origin of web pages that may open a WebSocket to --listen, besides those of this machine and of the endpoint's host; other origins get HTTP 403; may be repeated",
    otherwise: 'without it no other',
  },
  allowHost: {
    kind: 'list',
    group: 'Listening',
    schema: hosts,
    default: null,
    argument: '<name>',
    description:
      'host name for --listen and --admin on a loopback address, besides localhost and loopback addresses; other Host headers of WebSocket clients and viewers get HTTP 403; may be repeated',
    otherwise: 'without it no other',
  },
  socketMode: {
    kind: 'value',
    group: 'Listening',
    schema: reads(modeAllowed, (value) => {
      const text = String(value);
      if (!/^0?[0-7]{3}$/.test(text)) throw new InvalidValueError('');
      return Number.parseInt(text, 8);
    }),
    default: null,
    argument: '<mode>',
    description: 'mode of the files of unix sockets in --listen, as for chmod, e.g. 660',
    allowed: modeAllowed,
    otherwise: 'without it the umask decides',
    restart: true,
  },
  trustProxy: {
    kind: 'list',
    group: 'Listening',
    schema: proxies,
    default: null,
    argument: '<address|block|unix>',
    description:
      'proxy in front of --listen that may state the address of its client: X-Forwarded-For and Forwarded of WebSocket upgrades, and --proxy-protocol; unix stands for the peers of unix sockets; may be repeated',
    otherwise: 'without it all clients behind a proxy share its address',
  },
  proxyProtocol: {
    kind: 'value',
    group: 'Listening',
    schema: choice(proxyProtocols),
    default: 'off',
    argument: '<off|required>',
    description:
      'PROXY protocol (version 1 or 2) on --listen: with required each connection must begin with its header, from a proxy in --trust-proxy',
  },
  admin: {
    kind: 'value',
    group: 'Listening',
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
    description: 'address of the page, /healthz, /readyz, /metrics and /sessions',
    restart: true,
  },
  adminToken: {
    kind: 'secret',
    group: 'Listening',
    schema: v.pipe(
      v.string(tokenAllowed),
      v.check((text) => isToken(text) || /^@./.test(text), tokenAllowed),
    ),
    default: null,
    argument: '<token|@file>',
    description: 'token for viewers of sessions; required if other machines can reach --admin',
    allowed: tokenAllowed,
    otherwise: 'without it viewers need no token',
    restart: true,
  },
  control: {
    kind: 'value',
    group: 'Listening',
    schema: reads(controlAllowed, (value) => {
      const endpoint = parseEndpoint(String(value));
      if (endpoint.scheme !== 'unix') throw new InvalidValueError('');
      return formatEndpoint(endpoint);
    }),
    default: null,
    argument: '<unix:///path>',
    description:
      'unix socket for ixgate ctl, with all rights for the user of the gate and root (mode 600); its folder must exist',
    otherwise: 'without it ixgate ctl uses --admin',
    restart: true,
  },
  adminPublicUrl: {
    kind: 'value',
    group: 'Listening',
    schema: reads(publicUrlAllowed, (value) => {
      const url = publicUrlFrom(String(value));
      if (url === null) throw new InvalidValueError('');
      return url.href;
    }),
    default: null,
    argument: '<url>',
    description:
      'address of --admin behind a reverse proxy; the page works from there, and the start message shows it; requires --admin-token unless it names this machine',
    otherwise: 'without it no proxy',
    restart: true,
  },
  adminTrustProxy: {
    kind: 'list',
    group: 'Listening',
    schema: sources,
    default: null,
    argument: '<address|block>',
    description:
      'proxy in front of --admin whose X-Forwarded-For and Forwarded are trusted for limits per address; may be repeated',
    otherwise: 'without it all viewers behind a proxy share its address',
    restart: true,
  },
  allowInject: {
    kind: 'switch',
    group: 'Listening',
    schema: v.boolean('true or false'),
    default: false,
    description:
      'permission for viewers of /xstate to send messages as clients and to disconnect them',
    restart: true,
  },
  inspector: {
    kind: 'switch',
    group: 'Listening',
    schema: v.boolean('true or false'),
    default: false,
    description:
      'inspector for apps with XState 5 at /inspector of the page; every program that may read the page may send to it',
    restart: true,
  },
  stately: {
    kind: 'switch',
    group: 'Listening',
    schema: v.boolean('true or false'),
    default: false,
    description:
      "page with the sessions in Stately's hosted inspector; requires @statelyai/inspect, and internet access for the browser",
    restart: true,
  },
  clients: {
    kind: 'path',
    group: 'Registration',
    schema: path,
    default: null,
    argument: '<file>',
    description: 'JSON or YAML file of the clients that may register; reloaded when it changes',
    otherwise: 'without it any name may register',
  },
  disconnectRemoved: {
    kind: 'switch',
    group: 'Registration',
    schema: v.boolean('true or false'),
    default: false,
    description:
      'disconnection of registered clients that --clients no longer allows after a change, with EventError registration-revoked',
  },
  namePolicy: {
    kind: 'value',
    group: 'Registration',
    schema: choice(['probe', 'reject', 'takeover', 'allow']),
    default: 'probe',
    argument: '<probe|reject|takeover|allow>',
    description:
      'policy for a registration under a name whose cap is reached: probe replaces a session whose client does not answer within 2.5 s, reject rejects the new session, takeover replaces the oldest session, allow registers the new session all the same',
  },
  validator: {
    kind: 'value',
    group: 'Registration',
    schema: reads(webhookAllowed, (value) => {
      const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
      if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new InvalidValueError('');
      return url.href;
    }),
    default: null,
    argument: '<url>',
    description:
      'web service that decides on each registration; while it gives no verdict, clients are refused with validation-failed',
    otherwise: 'without it no web service',
  },
  certificateName: {
    kind: 'switch',
    group: 'Registration',
    schema: v.boolean('true or false'),
    default: false,
    description:
      "requirement that the client certificate's CN equals the clientName; requires --tls-ca",
  },
  registrationTimeout: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(deadline),
    default: '10s',
    argument: '<duration>',
    description:
      'time from the connection until an unregistered client is disconnected, including TLS handshake and WebSocket upgrade',
    allowed: '1ms to 24d',
  },
  rejectionTimeout: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(deadline),
    default: '5s',
    argument: '<duration>',
    description: 'time from the first EventError until an unregistered client is disconnected',
    allowed: '1ms to 24d',
  },
  validatorTimeout: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(deadline),
    default: '5s',
    argument: '<duration>',
    description:
      'maximum duration of a validation; then the client is refused with validation-failed',
    allowed: '1ms to 24d',
  },
  drain: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(drainTime),
    default: '5s',
    argument: '<duration>',
    description: 'time that registered clients have to disconnect when the gate stops',
    allowed: '0ms to 24d',
  },
  drainDelay: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(drainTime),
    default: '0ms',
    argument: '<duration>',
    description:
      'time after SIGTERM in which /readyz answers 503 while the gate still accepts clients, so that a load balancer stops sending clients',
    allowed: '0ms to 24d',
  },
  wsPing: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(drainTime),
    default: '25s',
    argument: '<duration>',
    description: 'time without data after which a WebSocket client is pinged; 0ms for never',
    allowed: '0ms to 24d',
  },
  wsPingTimeout: {
    kind: 'value',
    group: 'Timeouts',
    schema: durationOf(deadline),
    default: '10s',
    argument: '<duration>',
    description: 'time in which a pinged client must send something; then it is disconnected',
    allowed: '1ms to 24d',
  },
  ...limitOptions,
  errorCodes: {
    kind: 'numbers',
    group: 'Responses',
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
    description: 'error code on the wire for an error name; may be repeated',
    otherwise: 'default the numbers of docs/protocol.md',
  },
  answer: {
    kind: 'value',
    group: 'Responses',
    schema: choice(['ack', 'none']),
    default: 'ack',
    argument: '<ack|none>',
    description: 'response to requests of registered clients: EventAck, for trying out, or none',
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
      'words in the names of attributes whose values are masked in the page, log and recordings (ssn also masks customerSsn); may be repeated',
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
      'number of worker processes that share the endpoints and act as one gate; a crashed worker is restarted. Use the number of cores if one process is not enough',
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
      "runner of each session's chart: the chart compiled to a table, or an XState actor, which behaves the same at several times the cost",
  },
  ...directoryOptions,
  ...logOptions,
  otlp: {
    kind: 'value',
    group: 'Telemetry',
    schema: reads(otlpAllowed, (value) => {
      const url = typeof value === 'string' ? publicUrlFrom(value) : null;
      if (url === null) throw new InvalidValueError('');
      return url.href;
    }),
    default: null,
    argument: '<url>',
    description:
      'base URL of a receiver of OTLP over HTTP that gets traces of sessions and metrics; needs packages of OpenTelemetry. Other settings are the variables OTEL_* (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER)',
    allowed: otlpAllowed,
    otherwise: 'without it nothing is sent',
    restart: true,
  },
} as const satisfies Record<string, OptionRow>;

export type ServeKey = keyof typeof serveOptions;
export const serveKeys = Object.keys(serveOptions) as ServeKey[];

/** The schema that checks every source: the file, the flags, the environment. */
export const serveSchema = v.strictObject(
  Object.fromEntries(serveKeys.map((key) => [key, v.optional(serveOptions[key].schema)])) as {
    [Key in ServeKey]: v.OptionalSchema<(typeof serveOptions)[Key]['schema'], undefined>;
  },
  'an object with options',
);

/** The parsed options: durations in milliseconds, sizes in bytes. */
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

/** The help of one option: its description, allowed values, default and environment variable. */
export function helpOf(key: ServeKey): string {
  const row: OptionRow = serveOptions[key];
  const { default: byDefault, otherwise } = row;
  const without =
    otherwise ?? (byDefault === null ? null : `default ${[byDefault].flat().join(' and ')}`);
  const notes = [row.allowed, without, variableOf(key)].filter(Boolean);
  return `${row.description} (${notes.join('; ')})`;
}
