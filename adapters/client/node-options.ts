/** The options of the client in Node. */
import { transportFor } from '../net/transports/index.js';
import { jsonCodec } from '../net/wire/json-codec.js';
import {
  commonRules,
  functionRule,
  type OptionRule,
  silence,
  withDefault,
} from './option-rules.js';
import type { ClientOptions } from './options.js';
import { headersAllowed, isHeaders, isTlsOptions, tlsAllowed } from './provided-options.js';
import { type ClientSettings, settingsOf } from './settings.js';

const provided = (allowed: string, is: (value: unknown) => boolean): OptionRule => ({
  allowed: `${allowed}, or a function that gives one`,
  is: (value) => typeof value === 'function' || is(value),
  isSecret: true,
});

const rules = {
  ...commonRules,
  keepAlive: withDefault(silence, 60_000),
  lookup: functionRule('a function like lookup of node:dns'),
  tls: provided(tlsAllowed, isTlsOptions),
  headers: provided(headersAllowed, isHeaders),
};

/**
 * Checks the options and fills in the defaults.
 * @throws {OptionError} naming the key, its value and what is allowed.
 * @throws {EndpointError}
 */
export function resolveOptions(options: ClientOptions): ClientSettings {
  return settingsOf(options, {
    rules,
    codec: jsonCodec,
    transport: {
      connect: (endpoint, terms) => transportFor(endpoint.scheme).connect(endpoint, terms),
    },
  });
}
