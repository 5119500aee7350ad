import type { RegistrationActor } from '../../machines/registration/chart/actor.js';
import { type ErrorCodes, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { defaultDelays, type Seat } from '../../machines/registration/chart/seat.js';
import {
  type DirectoryOptions,
  type DirectorySettings,
  directorySettings,
} from '../directory/options.js';
import { TrustedProxies } from '../net/addresses/trusted-proxies.js';
import { allowedHost } from '../net/hosts.js';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../net/transports/endpoint.js';
import { originFrom } from '../net/transports/origin.js';
import { type ProxyProtocol, proxyProtocols, type ServerTls } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import { jsonCodec, jsonText } from '../net/wire/json-codec.js';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { redactionOf } from '../runtime/redaction.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import {
  checkedHandler,
  type DeclaredMessageSchemas,
  declaredFrom,
  handlersFrom,
} from './declared-messages.js';
import type { Journal } from './journal.js';
import {
  type ClientFrames,
  defaultLimits,
  framesOf,
  type LimitOptions,
  type Limits,
  limitsFrom,
} from './limits/index.js';
import type { MessageHandlers, SchemasFor, UndeclaredMessages } from './message-types.js';
import { type NamePolicy, namePolicies } from './name-policy.js';
import type { ClientRequest } from './reply.js';
import { type RunnerName, runners } from './runners.js';
import { type Validator, valid } from './validator.js';

/** The options of a gate. Every option has a default. */
export interface ServerOptions<Messages = UndeclaredMessages, Data = undefined>
  extends LimitOptions {
  /** Endpoints to listen on, e.g. `tcp://127.0.0.1:7004`. @default [] (only connections given to `accept`) */
  readonly listen?: readonly (string | Endpoint)[] | undefined;
  /** Milliseconds from Connected until an unregistered client is disconnected; 1 to 2147483647. @default 10000 */
  readonly registrationTimeout?: number | undefined;
  /** Milliseconds from the first EventError until an unregistered client is disconnected; 1 to 2147483647. @default 5000 */
  readonly rejectionTimeout?: number | undefined;
  /** Decides who may register. @default every well-formed registration is granted */
  readonly validator?: Validator<Data> | undefined;
  /**
   * What happens when a client registers a name whose cap is reached. `probe` replaces a session whose client does not answer within
   * 2.5 s, and rejects the new client while all of them answer (after up to 1.5 s). `reject` rejects the new client. `takeover` replaces
   * the oldest session, whose client gets EventError session-replaced. `allow` registers the new client all the same. @default 'probe'
   */
  readonly namePolicy?: NamePolicy | undefined;
  /**
   * Shares the names that have a cap with other gates, so that the cap holds for all of them. It cannot be changed later. Names without a
   * cap never wait for the store. @default none: the names of this gate alone
   */
  readonly directory?: DirectoryOptions | undefined;
  /**
   * Milliseconds of silence after which a WebSocket client is pinged, so that proxies with an idle timeout keep the connection and a client
   * that has gone is noticed; 0 for never, at most 2147483647. @default 25000
   */
  readonly wsPing?: number | undefined;
  /** Milliseconds in which a pinged client has to send a pong or anything else; 1 to 2147483647. @default 10000 */
  readonly wsPingTimeout?: number | undefined;
  /** Milliseconds a validator may take; then the client is refused with validation-failed. @default 5000 */
  readonly validatorTimeout?: number | undefined;
  /**
   * Aborted: the server closes, as by `close()`; `createServer` rejects with its reason while it opens. It cannot be changed later.
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
  /** The mode of the files of unix sockets, 0 to 0o777, e.g. 0o660. @default that of the umask of the process */
  readonly socketMode?: number | undefined;
  /**
   * Certificate and key for tls and wss endpoints; with `ca` clients must show a certificate it signed. `SNICallback` chooses other
   * certificates by the server name.
   */
  readonly tls?: ServerTls | undefined;
  /**
   * Origins whose pages may open a WebSocket, e.g. `https://desk.example`, or `*` for all. Pages of this machine and of the
   * endpoint's own host may always, programs too. @default []
   */
  readonly allowOrigin?: readonly string[] | undefined;
  /**
   * Names that WebSocket clients may use for endpoints on a loopback address, beside localhost, loopback addresses and the endpoint's own
   * host, e.g. `gate.example` where a proxy passes the Host header on. Other upgrades get HTTP 403 there. @default []
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Proxies whose statements about their clients are believed, as addresses or blocks (`10.0.0.0/8`, `::1`) or `unix` for the peers of unix
   * sockets: `X-Forwarded-For` and `Forwarded` of WebSocket upgrades, and the PROXY protocol. @default []
   */
  readonly trustProxy?: readonly string[] | undefined;
  /**
   * `required`: each connection of a listener begins with a header of the PROXY protocol (version 1 or 2), before TLS and HTTP, from a proxy in
   * `trustProxy`; others are closed. `off`: none may begin with one. `listen` can set it for one listener. @default 'off'
   */
  readonly proxyProtocol?: ProxyProtocol | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /** Error numbers of the site that replace the standard ones, by error name. */
  readonly errorCodes?: Partial<ErrorCodes> | undefined;
  /** Makes a message fit for step records. @default redactMessage */
  readonly redact?: ((message: WireMessage) => WireMessage) | undefined;
  /**
   * Attributes whose values are masked beside those that `redactMessage` masks, by the words of their names: `ssn` is found in `customerSsn`
   * too. Without effect where `redact` is given. @default []
   */
  readonly redactNames?: readonly string[] | undefined;
  /**
   * The schemas of the service's messages, by name: a schema of the attributes, or `{ attributes, ack }` with one for the EventAck too.
   * Any library with Standard Schema will do. A message that does not fit is answered with EventError invalid-attribute and not handled.
   * `messageName` and `referenceId` are not part of the attributes. @default no message is checked
   */
  readonly messages?: SchemasFor<Messages> | undefined;
  /**
   * The handlers of the service's messages, by name. A handler may be async; what it returns is ignored. A request that it does not answer
   * gets no answer. When it throws or rejects, the client gets EventError internal-error and the server emits `problem`.
   * @default onMessage handles all
   */
  readonly on?: MessageHandlers<Messages, Data> | undefined;
  /** Handles the messages of registered clients that have no handler in `on`, in the same way. */
  readonly onMessage?: ((request: ClientRequest<Data>) => unknown) | undefined;
  /**
   * Maximum number of handlers that run at once for one client; 1 to 1000. With 1, the messages of a client are handled in order, each after the
   * promise of the handler before it. While all are busy, the gate reads nothing from the client. @default 1
   */
  readonly concurrency?: number | undefined;
  /** Records the steps as they happen, e.g. a recorder. @default none */
  readonly journal?: Journal | undefined;
  /** Random numbers for early refusal, from 0 up to and without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Runs the chart of each session: `table` is the chart compiled to a table, `actor` an XState actor. Both take the same steps. @default 'table' */
  readonly runner?: RunnerName | undefined;
  /**
   * Creates the actor that runs the chart of a session, not started yet. It replaces `runner`, e.g. with a `RegistrationRunner` of a faulty
   * chart, to test a test. Its timers should be those of `deadlineClock`. @default the actor of `runner`
   */
  readonly actorIn?: ((seat: Seat) => RegistrationActor) | undefined;
}

/** Changes to the options of a running server: undefined keeps an option, null restores its default. */
export type OptionChanges<Messages = UndeclaredMessages, Data = undefined> = {
  readonly [Name in keyof Omit<ServerOptions, 'listen' | 'random' | 'signal' | 'directory'>]?:
    | ServerOptions<Messages, Data>[Name]
    | null
    | undefined;
};

/** The options of any gate. */
export type AnyServerOptions = ServerOptions<UndeclaredMessages, unknown>;

/** The options with the changes applied. */
export function changedOptions(
  options: AnyServerOptions,
  changes: OptionChanges<UndeclaredMessages, unknown>,
): AnyServerOptions {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const changed = given.map(([name, value]) => [name, value ?? undefined]);
  return { ...options, ...Object.fromEntries(changed) };
}

/** The names of all options, to reject unknown ones. */
const optionNames: readonly string[] = [
  ...Object.keys(defaultLimits),
  ...Object.keys({
    listen: true,
    registrationTimeout: true,
    rejectionTimeout: true,
    validator: true,
    wsPing: true,
    wsPingTimeout: true,
    namePolicy: true,
    directory: true,
    validatorTimeout: true,
    tls: true,
    signal: true,
    socketMode: true,
    allowOrigin: true,
    allowedHosts: true,
    trustProxy: true,
    proxyProtocol: true,
    codec: true,
    errorCodes: true,
    redact: true,
    redactNames: true,
    messages: true,
    on: true,
    onMessage: true,
    concurrency: true,
    journal: true,
    random: true,
    runner: true,
    actorIn: true,
  } satisfies Record<Exclude<keyof ServerOptions, keyof LimitOptions>, true>),
];

type AnyHandler = (request: ClientRequest<unknown>) => unknown;

const handlerCounts = { min: 1, max: 1_000, unit: '' };

/** The options with all defaults, and every value checked. */
export interface ServerSettings {
  readonly listen: readonly Endpoint[];
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
  readonly validator: Validator<unknown>;
  readonly wsPing: number;
  readonly wsPingTimeout: number;
  readonly namePolicy: NamePolicy;
  readonly directory: DirectorySettings | null;
  readonly validatorTimeout: number;
  readonly limits: Limits;
  /** The frame limits, made once because each frame needs them. */
  readonly frames: ClientFrames;
  readonly tls: ServerTls | undefined;
  readonly socketMode: number | undefined;
  readonly allowOrigin: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly trusted: TrustedProxies;
  readonly proxyProtocol: ProxyProtocol;
  readonly codec: Codec;
  /** Encodes as text, which sockets take without a copy; null for a custom codec. */
  readonly textOf: typeof jsonText | null;
  readonly errorCodes: ErrorCodes;
  readonly redact: (message: WireMessage) => WireMessage;
  /** The declarations with schemas, by the name of the message; null without any. */
  readonly declared: ReadonlyMap<string, DeclaredMessageSchemas> | null;
  /** The handlers by the name of the message; null without any. */
  readonly on: ReadonlyMap<string, AnyHandler> | null;
  readonly onMessage: AnyHandler;
  readonly concurrency: number;
  readonly journal: Journal | null;
  readonly random: () => number;
  readonly actorIn: (seat: Seat) => RegistrationActor;
}

/**
 * @throws {UnknownOptionError}, {OptionError} naming the option, its value and what is allowed; {EndpointError} for an endpoint.
 */
export function settingsFrom(options: AnyServerOptions): ServerSettings {
  checkOptionNames(options, optionNames);
  const listen = (options.listen ?? []).map((endpoint) =>
    typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint,
  );
  checkSecure(listen, options.tls);
  const trusted = trustedProxies(options.trustProxy ?? []);
  const limits = limitsFrom(options);
  const { codec = jsonCodec } = options;
  const { registrationTimeout = defaultDelays.registrationTimeout } = options;
  const { rejectionTimeout = defaultDelays.rejectionTimeout, validatorTimeout = 5_000 } = options;
  return {
    listen,
    registrationTimeout: wholeNumber('registrationTimeout', registrationTimeout, delays),
    rejectionTimeout: wholeNumber('rejectionTimeout', rejectionTimeout, delays),
    validator: options.validator ?? (() => valid),
    wsPing: wholeNumber('wsPing', options.wsPing ?? 25_000, { ...delays, min: 0 }),
    wsPingTimeout: wholeNumber('wsPingTimeout', options.wsPingTimeout ?? 10_000, delays),
    namePolicy: policyCalled(options.namePolicy ?? 'probe'),
    directory: options.directory === undefined ? null : directorySettings(options.directory),
    validatorTimeout: wholeNumber('validatorTimeout', validatorTimeout, delays),
    limits,
    frames: framesOf(limits),
    tls: options.tls,
    socketMode: modeOf(options.socketMode),
    allowOrigin: (options.allowOrigin ?? []).map(originOf),
    allowedHosts: (options.allowedHosts ?? []).map(allowedHost),
    trusted,
    proxyProtocol: proxyProtocolOf(options.proxyProtocol ?? 'off', trusted),
    codec,
    textOf: codec.encode === jsonCodec.encode ? jsonText : null,
    errorCodes: renumbered(options.errorCodes ?? {}),
    redact: options.redact ?? redactionOf(options.redactNames),
    declared: declaredFrom(options.messages),
    on: handlersFrom<AnyHandler>(options.on),
    onMessage: checkedHandler('onMessage', options.onMessage ?? (() => {})),
    concurrency: wholeNumber('concurrency', options.concurrency ?? 1, handlerCounts),
    journal: options.journal ?? null,
    random: options.random ?? Math.random,
    actorIn: options.actorIn ?? runnerCalled(options.runner ?? 'table'),
  };
}

function runnerCalled(name: RunnerName): ServerSettings['actorIn'] {
  if (Object.hasOwn(runners, name)) return runners[name];
  throw new OptionError('runner', name, Object.keys(runners).join(' or '));
}

function policyCalled(name: NamePolicy): NamePolicy {
  if (Object.hasOwn(namePolicies, name)) return name;
  throw new OptionError('namePolicy', name, Object.keys(namePolicies).join(', '));
}

/** @throws {OptionError} for a secure endpoint without a certificate */
export function checkSecure(listen: readonly Endpoint[], tls: ServerTls | undefined): void {
  const { SNICallback } = tls ?? {};
  if (SNICallback !== undefined && typeof SNICallback !== 'function') {
    throw new OptionError('tls.SNICallback', SNICallback, 'a function');
  }
  const secure = listen.find(({ scheme }) => scheme === 'tls' || scheme === 'wss');
  if (!secure || (tls?.cert && tls.key)) return;
  throw new OptionError('tls', tls, `a cert and a key for ${formatEndpoint(secure)}`);
}

function modeOf(mode: number | undefined): number | undefined {
  if (mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o777)) return mode;
  throw new OptionError('socketMode', mode, 'a mode from 0 to 0o777, e.g. 0o660');
}

/** @throws {OptionError} */
export function trustedProxies(given: readonly string[]): TrustedProxies {
  const allowed = 'addresses and blocks such as 10.0.0.0/8, or unix';
  if (!Array.isArray(given)) throw new OptionError('trustProxy', given, allowed);
  try {
    return new TrustedProxies(given.map(String));
  } catch (error) {
    throw new OptionError('trustProxy', given, `${allowed}; ${(error as Error).message}`);
  }
}

/** @throws {OptionError} also where it is required and no proxy is trusted, so that no client could connect */
export function proxyProtocolOf(given: ProxyProtocol, trusted: TrustedProxies): ProxyProtocol {
  if (!proxyProtocols.includes(given)) {
    throw new OptionError('proxyProtocol', given, proxyProtocols.join(' or '));
  }
  if (given === 'required' && trusted.isEmpty) {
    throw new OptionError('proxyProtocol', given, 'a proxy in trustProxy where it is required');
  }
  return given;
}

/** @throws {OptionError} */
export function originOf(text: string): string {
  const origin = text === '*' ? text : originFrom(text);
  if (origin !== null) return origin;
  throw new OptionError('allowOrigin', text, 'origins such as https://desk.example, or *');
}

function renumbered(numbers: Partial<ErrorCodes>): ErrorCodes {
  for (const [name, number] of Object.entries(numbers)) {
    if (!Object.hasOwn(errorCodes, name)) {
      throw new OptionError(
        'errorCodes',
        name,
        `names among ${Object.keys(errorCodes).join(', ')}`,
      );
    }
    if (!Number.isInteger(number) || (number | 0) !== number) {
      throw new OptionError(
        `errorCodes.${name}`,
        number,
        'a whole number from -2147483648 to 2147483647',
      );
    }
  }
  const codes = { ...errorCodes, ...numbers };
  if (new Set(Object.values(codes)).size !== Object.keys(codes).length) {
    throw new OptionError('errorCodes', numbers, 'a different number for each name');
  }
  return codes;
}
