import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import * as v from 'valibot';
import { type ErrorName, errorCodes, type RequestRegisterClient } from '../../machines/index.js';
import { commonNamesOf } from '../net/transports/peer.js';
import { IxgateError, OptionError } from '../runtime/errors.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import {
  invalid,
  type ValidationContext,
  type Validator,
  type Verdict,
} from '../server/validator.js';

/** The longest answer that is read, in bytes. */
const longestAnswer = 65_536;

export interface WebhookOptions {
  /** Milliseconds the whole call may take, 1 to 2147483647. The server's validatorTimeout bounds it too. @default 5000 */
  readonly timeout?: number | undefined;
  /** Sent with every call, e.g. an Authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A webhook that gave no verdict. The message names the place without its password and query, and never what was sent. */
export class WebhookError extends IxgateError {
  override readonly name = 'WebhookError';
  constructor(place: string, problem: string, options?: ErrorOptions) {
    super('WEBHOOK_FAILED', `webhook ${place}: ${problem}`, options);
  }
}

/** What is POSTed, as JSON. What the request does not carry is null. */
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

/** What must come back with status 200. */
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
 * Asks a service: POSTs a {@link WebhookQuestion} and expects 200 with `{valid, reason?, error?, cap?}`. A user and a password in
 * the URL are sent as Basic authorization. Redirects are not followed. Connections are kept for the next call; when the service
 * has closed one meanwhile, the call is repeated once on a new connection.
 * @throws {OptionError} when the URL or the headers cannot be used. The validator throws {@link WebhookError} for every answer
 *   that is not a verdict, and the signal's reason when the verdict is not needed any more.
 */
export function webhook(url: string | URL, options: WebhookOptions = {}): Validator {
  const { target, headers, place } = addressee(url, options.headers ?? {});
  const { timeout = 5_000 } = options;
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
      return await verdictFrom(response, place);
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof WebhookError) throw error;
      if (tooLate.aborted) throw new WebhookError(place, `no answer within ${timeout} ms`);
      throw new WebhookError(place, ...failure(error));
    }
  };
}

/** The service closed a kept connection before it answered anything on it. */
class StaleConnectionError extends Error {}

interface Call {
  readonly target: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal;
  /** false: on a new connection. */
  readonly agent: Agent | false;
}

/** Sends one POST. @throws {StaleConnectionError} when a kept connection was closed without a byte of an answer. */
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

/** Separates what may be shown of a URL from what may not. */
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
      // The platform's message would hold the value.
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

/** A URL fit to be shown: user, password and query are left out. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//***@').replace(/\?[^#]*/, '?***');
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

async function verdictFrom(response: IncomingMessage, place: string): Promise<Verdict> {
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
    throw new WebhookError(place, 'answered something that is no JSON');
  }
  const result = v.safeParse(answerSchema, answer);
  if (!result.success) {
    throw new WebhookError(place, `answered no verdict: ${result.issues[0].message}`);
  }
  const { valid, reason = 'refused', error, cap } = result.output;
  if (!valid) return invalid(reason, error);
  return cap === undefined ? { valid } : { valid, cap };
}

async function shortText(response: IncomingMessage, place: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (length > longestAnswer) {
      throw new WebhookError(place, `answered more than ${longestAnswer} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The system's word for a call that failed. */
function failure(error: unknown): [problem: string, options?: ErrorOptions] {
  const { errors } = error as { errors?: NodeJS.ErrnoException[] };
  // Several addresses were tried, each with its error.
  const first = errors?.[0] ?? (error as NodeJS.ErrnoException);
  switch (first.code) {
    case undefined:
      return [`the call failed: ${first.message}`];
    case 'ECONNREFUSED':
      return ['nobody listens there (ECONNREFUSED)', { cause: first }];
    case 'ENOTFOUND':
      return ['there is no such host (ENOTFOUND)', { cause: first }];
    default:
      return [`the call failed: ${first.message || first.code}`, { cause: first }];
  }
}
