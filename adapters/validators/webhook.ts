import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import * as v from 'valibot';
import { type ErrorName, errorCodes } from '../../machines/registration/chart/error-codes.js';
import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { commonNamesOf } from '../net/transports/peer.js';
import { IxgateError, OptionError } from '../runtime/errors.js';
import { isStandardSchema, pathOf, type StandardSchema } from '../runtime/standard-schema.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import { withoutPassword } from '../runtime/without-password.js';
import {
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
} from '../server/validator.js';

/** Maximum size of an answer in bytes. */
const maxAnswer = 65_536;

export interface WebhookOptions<Data = undefined> {
  /** Timeout of the whole call in milliseconds, 1 to 2147483647. The server's validatorTimeout applies too. @default 5000 */
  readonly timeout?: number | undefined;
  /** Headers of every call, e.g. Authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Schema of the attribute `data` of answers that grant (Standard Schema); its output becomes `session.data`. @default `data` is ignored */
  readonly data?: StandardSchema<unknown, Data> | undefined;
}

/** A webhook gave no verdict. The message has the URL without password and query, and no data of the call. */
export class WebhookError extends IxgateError {
  override readonly name = 'WebhookError';
  constructor(place: string, problem: string, options?: ErrorOptions) {
    super('WEBHOOK_FAILED', `webhook ${place}: ${problem}`, options);
  }
}

/** The JSON body of the POST. Missing attributes of the request are null. */
export interface WebhookQuestion {
  readonly clientName: string;
  readonly clientType: string;
  readonly mediaType: string | null;
  readonly proxyClientId: number | null;
  readonly extension: Readonly<Record<string, unknown>> | null;
  readonly remoteAddress: string;
  readonly scheme: string;
  /** CN of the client's verified certificate. */
  readonly certificateSubject: string | null;
}

const errorNames = Object.keys(errorCodes) as ErrorName[];
const capMessage = 'cap must be a whole number from 1 to 1000000';
const reasonMessage = 'reason must be text of 1 to 1000 characters';

/** The schema of an answer with status 200. */
const answerSchema = v.object(
  {
    valid: v.boolean('valid must be true or false'),
    reason: v.optional(
      v.pipe(
        v.string(reasonMessage),
        v.minLength(1, reasonMessage),
        v.maxLength(1_000, reasonMessage),
      ),
    ),
    error: v.optional(v.picklist(errorNames, `error must be one of ${errorNames.join(', ')}`)),
    data: v.optional(v.unknown()),
    cap: v.optional(
      v.pipe(
        v.number(capMessage),
        v.integer(capMessage),
        v.minValue(1, capMessage),
        v.maxValue(1e6, capMessage),
      ),
    ),
  },
  (issue) =>
    issue.path ? 'valid is missing; it must be true or false' : 'the answer must be an object',
);

/**
 * Asks a web service: POSTs a {@link WebhookQuestion} and expects 200 with `{valid, reason?, error?, cap?, data?}`. A user and a password in
 * the URL are sent as Basic authorization. Redirects are not followed. Connections are reused; if the service has closed one, the call
 * is retried once on a new connection.
 * @throws {OptionError} for an invalid URL or header. The validator throws {@link WebhookError} for every answer that is not a
 *   verdict, and the signal's reason when it aborts.
 */
export function webhook<Data = undefined>(
  url: string | URL,
  options: WebhookOptions<Data> = {},
): Validator<Data> {
  const { target, headers, place } = addressee(url, options.headers ?? {});
  const { timeout = 5_000, data: schema } = options;
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw new OptionError('webhook data', typeof schema, 'a schema of Standard Schema');
  }
  wholeNumber('webhook timeout', timeout, delays);
  const agent = new (target.protocol === 'https:' ? SecureAgent : Agent)({ keepAlive: true });
  return async (request, context) => {
    context.signal.throwIfAborted();
    const tooLate = AbortSignal.timeout(timeout);
    const signal = AbortSignal.any([context.signal, tooLate]);
    const body = JSON.stringify(questionFrom(request, context));
    try {
      const response = await post({ target, headers, body, signal, agent }).catch((error) => {
        if (!(error instanceof StaleConnectionError)) throw error;
        return post({ target, headers, body, signal, agent: false });
      });
      // Without a schema Data is undefined.
      return (await verdictFrom(response, schema, place)) as Verdict<Data>;
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof WebhookError) throw error;
      if (tooLate.aborted) throw new WebhookError(place, `no answer within ${timeout} ms`);
      throw new WebhookError(place, ...failure(error));
    }
  };
}

/** The service closed a reused connection before it answered. */
class StaleConnectionError extends Error {}

interface Call {
  readonly target: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal;
  /** false for a new connection. */
  readonly agent: Agent | false;
}

/** Sends one POST. @throws {StaleConnectionError} when a reused connection was closed before the answer. */
function post({ target, headers, body, signal, agent }: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(target, {
      method: 'POST',
      headers: { ...Object.fromEntries(headers), 'content-length': Buffer.byteLength(body) },
      agent,
      signal,
    });
    let readBefore = 0;
    request.once('socket', (socket) => {
      readBefore = socket.bytesRead;
    });
    request.once('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = wasClosed(request, error) && request.socket?.bytesRead === readBefore;
      reject(isStale ? new StaleConnectionError('', { cause: error }) : error);
    });
    request.end(body);
  });
}

function wasClosed({ reusedSocket }: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

/** Splits a URL into the target, its headers and the part that errors may show. */
function addressee(given: string | URL, extra: Readonly<Record<string, string>>) {
  const allowed = 'an http or https URL such as https://example.com/validate';
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new OptionError('webhook url', withoutPassword(String(given)), allowed);
  }
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'ixgate',
  });
  for (const [name, value] of Object.entries(extra)) {
    try {
      headers.set(name, value);
    } catch {
      // The message of the platform would contain the value.
      throw new OptionError('webhook headers', name, 'header names and values that HTTP allows');
    }
  }
  if (url.username || url.password) {
    const account = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(account).toString('base64')}`);
  }
  const target = new URL(url);
  target.username = '';
  target.password = '';
  return { target, headers, place: `${url.origin}${url.pathname}` };
}

function questionFrom(request: RequestRegisterClient, context: ValidationContext): WebhookQuestion {
  return {
    clientName: request.clientName,
    clientType: request.clientType,
    mediaType: request.mediaType ?? null,
    proxyClientId: request.proxyClientId ?? null,
    extension: request.extension ?? null,
    remoteAddress: context.remoteAddress,
    scheme: context.scheme,
    certificateSubject: commonNamesOf(context.certificate)[0] ?? null,
  };
}

async function verdictFrom(
  response: IncomingMessage,
  schema: StandardSchema | undefined,
  place: string,
): Promise<Verdict<unknown>> {
  const { statusCode: status = 0 } = response;
  if (status !== 200) {
    response.destroy();
    const redirect = status >= 300 && status < 400;
    const hint = redirect ? '; redirects are not followed' : '';
    throw new WebhookError(place, `answered status ${status}, expected 200${hint}`);
  }
  const text = await shortText(response, place);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new WebhookError(place, 'answered with invalid JSON');
  }
  const result = v.safeParse(answerSchema, answer);
  if (!result.success) {
    throw new WebhookError(place, `answered no verdict: ${result.issues[0].message}`);
  }
  const { valid, reason = 'refused', error, cap, data } = result.output;
  if (!valid) return invalid(reason, error);
  return {
    valid,
    ...(cap !== undefined && { cap }),
    ...(schema && { data: await dataFrom(data, schema, place) }),
  };
}

/** @throws {WebhookError} without the text of the schema, which may quote the data */
async function dataFrom(data: unknown, schema: StandardSchema, place: string): Promise<unknown> {
  const result = await schema['~standard'].validate(data);
  if (!result.issues) return result.value;
  const [issue] = result.issues;
  const path = ['data', ...(issue ? pathOf(issue) : [])].map(String).join('.');
  throw new WebhookError(place, `answered no verdict: ${path} is invalid`);
}

async function shortText(response: IncomingMessage, place: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (length > maxAnswer) {
      throw new WebhookError(place, `answered more than ${maxAnswer} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The problem of a failed call in words. */
function failure(error: unknown): [problem: string, options?: ErrorOptions] {
  const { errors } = error as { errors?: NodeJS.ErrnoException[] };
  // Several addresses were tried, each with its error.
  const first = errors?.[0] ?? (error as NodeJS.ErrnoException);
  switch (first.code) {
    case undefined:
      return [`the call failed: ${first.message}`];
    case 'ECONNREFUSED':
      return ['connection refused (ECONNREFUSED)', { cause: first }];
    case 'ENOTFOUND':
      return ['host not found (ENOTFOUND)', { cause: first }];
    default:
      return [`the call failed: ${first.message || first.code}`, { cause: first }];
  }
}
