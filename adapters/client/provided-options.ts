/** Options that may be functions, called for each attempt: a token that expires, a certificate that is renewed. */
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { ConnectOptions } from '../net/transports/transport.js';
import type { Codec } from '../net/wire/codec.js';
import { OptionError } from '../runtime/errors.js';
import { onAbort } from './abort-listeners.js';
import { OptionFunctionError } from './errors.js';
import { hidden, isObject } from './option-rules.js';

/** A value, or a function that returns it. */
export type Provided<T> = T | (() => T | Promise<T>);

/** The options of one connection attempt. */
export interface AttemptOptions {
  /** RequestRegisterClient without its reference id. */
  readonly registration: WireMessage;
  readonly tls: ConnectOptions['tls'];
  readonly headers: ConnectOptions['headers'];
}

/**
 * Returns the options of one attempt.
 * @throws {OptionFunctionError} when a function fails, returns an invalid value, or takes longer than `timeout` milliseconds
 * @throws the signal's reason when it aborts
 */
export type ProvidedOptions = (timeout: number, signal: AbortSignal) => Promise<AttemptOptions>;

interface Given {
  readonly extension?: unknown;
  readonly tls?: Provided<NonNullable<ConnectOptions['tls']>> | undefined;
  readonly headers?: Provided<Readonly<Record<string, string>>> | undefined;
  readonly codec: Codec;
}

export const tlsAllowed = 'an object of cert, key, ca, servername, insecure';
export const headersAllowed = 'an object of texts';

export function isTlsOptions(value: unknown): value is NonNullable<ConnectOptions['tls']> {
  return typeof value === 'object' && value !== null;
}

export function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

/**
 * @param registration RequestRegisterClient without its reference id and extension
 * @throws {OptionError} for an extension that cannot be encoded.
 */
export function providedOptions(registration: WireMessage, given: Given): ProvidedOptions {
  const { extension, tls, headers, codec } = given;
  const withExtension = (value: unknown) =>
    encodable(
      'extension',
      value === undefined ? registration : { ...registration, extension: value },
      codec,
    );
  const unchanging = typeof extension === 'function' ? null : withExtension(extension);
  return async (timeout, signal) => {
    let end = (_reason: unknown) => {};
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => {});
    const late = setTimeout(() => end(tooLate), timeout);
    const stopListening = onAbort(signal, () => end(signal.reason));
    const ask = async <T>(
      option: string,
      value: Provided<T> | undefined,
      isAllowed: (given: unknown) => given is T,
    ): Promise<T | undefined> => {
      if (typeof value !== 'function') return value;
      const answer = await Promise.race([
        called(option, value as () => T | Promise<T>),
        ended.catch((reason) => {
          if (reason !== tooLate) throw reason;
          throw new OptionFunctionError(option, `gave nothing within ${timeout} ms`);
        }),
      ]);
      if (isAllowed(answer)) return answer;
      throw new OptionFunctionError(option, 'gave an invalid value');
    };
    try {
      const [asked, askedTls, askedHeaders] = await Promise.all([
        ask('extension', extension as Provided<Readonly<Record<string, unknown>>>, isObject),
        ask('tls', tls, isTlsOptions),
        ask('headers', headers, isHeaders),
      ]);
      return {
        registration: unchanging ?? encodedLater(() => withExtension(asked)),
        tls: askedTls,
        headers: askedHeaders,
      };
    } finally {
      clearTimeout(late);
      stopListening();
    }
  };
}

/** Why the functions are waited for no longer. */
const tooLate = Symbol('too late');

async function called<T>(option: string, give: () => T | Promise<T>): Promise<T> {
  try {
    return await give();
  } catch (cause) {
    throw new OptionFunctionError(option, 'failed', { cause });
  }
}

function encodedLater(encoded: () => WireMessage): WireMessage {
  try {
    return encoded();
  } catch (cause) {
    throw new OptionFunctionError('extension', 'gave a value that the codec cannot encode', {
      cause,
    });
  }
}

/**
 * A copy of a message, independent of later changes of the caller, that the codec can encode.
 * @throws {OptionError}
 */
export function encodable(option: string, message: WireMessage, codec: Codec): WireMessage {
  try {
    const copy = structuredClone(message);
    codec.encode({ ...copy, referenceId: 1 }, 'stream');
    return copy;
  } catch {
    throw new OptionError(option, hidden, 'what the codec can encode');
  }
}
