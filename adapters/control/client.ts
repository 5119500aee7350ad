/** A client of live control. It loads nothing but node:http, so that `ixgate ctl` starts quickly. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import {
  ControlRefusedError,
  ControlRequestError,
  ControlTimeoutError,
  ControlUnreachableError,
  NoControlError,
} from './errors.js';
import type { Method } from './route.js';
import { statedUser, userHeader } from './stated-user.js';

/** Where a gate is controlled. */
export type ControlTarget =
  | { readonly socketPath: string }
  | { readonly url: URL; readonly token: string | undefined };

export interface ControlClientOptions {
  readonly target: ControlTarget;
  /** Milliseconds without data from the gate. */
  readonly timeout: number;
  /** The name that the log of the gate has for a request through the unix socket. */
  readonly user?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The arguments of a request: a list for an argument that is given several times; undefined for none. */
export type Given = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** Maximum size of an answer in bytes. */
const maxAnswer = 256 * 1_024 * 1_024;

export class ControlClient {
  readonly #options: ControlClientOptions;

  constructor(options: ControlClientOptions) {
    this.#options = options;
  }

  /** The gate, for messages. */
  get where(): string {
    const { target } = this.#options;
    return 'url' in target ? target.url.href.replace(/\/$/, '') : `unix://${target.socketPath}`;
  }

  /**
   * Sends a request and returns its answer.
   * @param query arguments in the query
   * @param body a JSON object
   * @throws the errors of `errors.ts`, and the reason of the signal
   */
  async ask<Answer>(
    method: Method,
    path: string,
    query: Given = {},
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Answer> {
    const { status, text } = await this.#exchange(method, path + queryOf(query), body);
    const answer = objectFrom(text);
    if (status === 200 && answer) return answer as Answer;
    throw this.#errorOf(status, answer);
  }

  #errorOf(status: number, answer: Readonly<Record<string, unknown>> | null): Error {
    const { message } = Object(answer?.error) as { readonly message?: unknown };
    if (typeof message !== 'string') {
      return new NoControlError(
        `${this.where} answered HTTP ${status} and is not a gate, or a proxy in front of one answered`,
      );
    }
    // A gate that does not know the path or the method.
    if (status === 405 || (status === 404 && message.startsWith('page not found'))) {
      return new NoControlError(
        `the gate at ${this.where} has no such control: it is older, or embedded in a service without this control (${message.slice(0, 200)})`,
      );
    }
    if (status === 400 || status === 422) return new ControlRequestError(message);
    return new ControlRefusedError(this.where, status, message);
  }

  async #exchange(
    method: Method,
    path: string,
    body: Readonly<Record<string, unknown>> | undefined,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { timeout, signal } = this.#options;
    signal?.throwIfAborted();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = await this.#open(method, path, text);
    let late: ControlTimeoutError | null = null;
    const timer = setTimeout(() => {
      late = new ControlTimeoutError(this.where, timeout);
      request.destroy(late);
    }, timeout);
    const abort = () => request.destroy(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      request.end(text);
      const response = await responseOf(request);
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        timer.refresh();
        size += chunk.byteLength;
        if (size > maxAnswer) throw new NoControlError(`${this.where} answered too much`);
        chunks.push(chunk);
      }
      return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
    } catch (error) {
      // While an answer is read, node tells only that the connection was closed, and not why.
      signal?.throwIfAborted();
      throw late ?? this.#problem(error as NodeJS.ErrnoException);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      request.destroy();
    }
  }

  async #open(method: Method, path: string, body: string | undefined): Promise<ClientRequest> {
    const { target, user } = this.#options;
    const headers = {
      connection: 'close',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    };
    if ('socketPath' in target) {
      const { socketPath } = target;
      const stated = user === undefined ? undefined : statedUser(user);
      const own = {
        host: 'localhost',
        ...headers,
        ...(stated !== undefined && { [userHeader]: stated }),
      };
      return httpRequest({ socketPath, method, path, headers: own, agent: false });
    }
    const { url, token } = target;
    const whole = new URL(url.pathname.replace(/\/$/, '') + path, url);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { method, headers: { ...headers, ...authorization }, agent: false } as const;
    if (url.protocol === 'http:') return httpRequest(whole, options);
    const { request } = await import('node:https');
    return request(whole, options);
  }

  #problem(error: NodeJS.ErrnoException): Error {
    const { where } = this;
    switch (error.code) {
      case 'EACCES':
      case 'EPERM':
        return new ControlUnreachableError(
          `no permission for ${where}: run ixgate ctl as the user of the gate, or as root`,
          error,
        );
      case 'ENOENT':
        return new ControlUnreachableError(
          `${where} does not exist: start the gate with --control ${where}, or name another socket`,
          error,
        );
      case 'ECONNREFUSED':
        return new ControlUnreachableError(
          `no gate listens at ${where}: start one with ixgate serve, or name it with --control or --admin`,
          error,
        );
      default:
        if (error.code?.startsWith('HPE_')) {
          return new NoControlError(`${where} does not speak HTTP, so it is not a gate`);
        }
        if (error.syscall === undefined && error.code !== 'ECONNRESET') return error;
        return new ControlUnreachableError(`${where} cannot be reached: ${error.message}`, error);
    }
  }
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
}

function queryOf(given: Given): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    for (const one of [value].flat()) query.append(name, String(one));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The JSON object in a text; null for anything else. */
function objectFrom(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
