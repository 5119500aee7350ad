/** The options of the client in a browser. */
import { type Endpoint, EndpointError, formatEndpoint } from '../net/transports/endpoint.js';
import { webJsonCodec } from '../net/wire/web-json-codec.js';
import { commonRules, type OptionRule } from './option-rules.js';
import type { ClientOptions as NodeClientOptions } from './options.js';
import { type ClientSettings, settingsOf } from './settings.js';
import { webSocketTransport } from './web-socket.js';

/** The options of a client in a browser: those of Node without TLS, headers, name lookup and keep-alive, which a page cannot set. */
export type ClientOptions = Omit<NodeClientOptions, 'tls' | 'headers' | 'lookup' | 'keepAlive'>;

const absent: OptionRule = {
  allowed: 'no value, because a browser has no such option',
  is: () => false,
  isSecret: true,
};
const rules = { ...commonRules, tls: absent, headers: absent, lookup: absent, keepAlive: absent };

/**
 * Checks the options and fills in the defaults.
 * @throws {OptionError} naming the key, its value and what is allowed.
 * @throws {EndpointError} also for an endpoint that is not ws or wss, where there is no `transport`
 */
export function resolveOptions(options: ClientOptions): ClientSettings {
  return settingsOf(options, {
    rules,
    codec: webJsonCodec,
    transport: webSocketTransport,
    checkEndpoint,
  });
}

function checkEndpoint(endpoint: Endpoint): void {
  const { scheme } = endpoint;
  if (scheme !== 'ws' && scheme !== 'wss')
    throw new EndpointError(
      formatEndpoint(endpoint),
      `a browser has only WebSockets (ws, wss), not ${scheme}`,
    );
}
