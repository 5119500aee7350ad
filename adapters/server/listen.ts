import { type Endpoint, parseEndpoint } from '../net/transports/endpoint.js';
import type { ListenOptions, ProxyProtocol } from '../net/transports/transport.js';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import type { Arrival } from './arrival.js';
import type { OwnListenOptions } from './attach.js';
import type { ListenerGroup } from './listener-group.js';
import { checkSecure, proxyProtocolOf, type ServerSettings } from './options.js';

/** Options of `listen`. */
export interface ListenerOptions {
  /** The name of the listener, for validators. @default its endpoint as text */
  readonly name?: string | undefined;
  /** @default that of the gate */
  readonly proxyProtocol?: ProxyProtocol | undefined;
  /** Aborted: `listen` rejects with its reason, and a listener that is open is closed; its clients stay. @default none */
  readonly signal?: AbortSignal | undefined;
}

const names = ['name', 'proxyProtocol', 'signal'] as const;

/**
 * Opens one more listener of a gate.
 * @returns the endpoint with its actual port
 * @throws {ListenError} {EndpointError} {OptionError} {UnknownOptionError}, and the reason of the signal
 */
export async function listenLater(
  endpoint: string | Endpoint,
  options: ListenerOptions,
  settings: ServerSettings,
  listeners: ListenerGroup,
  optionsFor: (arrival: Arrival, own: OwnListenOptions) => ListenOptions,
): Promise<Endpoint> {
  checkOptionNames(options, names);
  const { name, signal, proxyProtocol } = options;
  if (name !== undefined && typeof name !== 'string') throw new OptionError('name', name, 'a text');
  const where = typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint;
  if (typeof where?.scheme !== 'string')
    throw new OptionError('endpoint', typeof endpoint, 'an endpoint such as tcp://127.0.0.1:7004');
  checkSecure([where], settings.tls);
  if (proxyProtocol !== undefined) proxyProtocolOf(proxyProtocol, settings.trusted);
  checkSignal(signal);
  signal?.throwIfAborted();
  const own = proxyProtocol === undefined ? {} : { proxyProtocol };
  const listener = await listeners.add(where, (arrival) => optionsFor(arrival, own), name);
  if (signal?.aborted) {
    await listeners.remove(listener);
    throw signal.reason;
  }
  signal?.addEventListener('abort', () => void listeners.remove(listener), { once: true });
  return listener.endpoint;
}

/** @throws {OptionError} */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new OptionError('signal', typeof signal, 'an AbortSignal');
}
