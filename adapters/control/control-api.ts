import { IxgateError, OptionError, toError, UnknownOptionError } from '../runtime/errors.js';
import { BansFullError } from '../server/limits/index.js';
import { type Answer, errorAnswer, pathOf } from '../web/answer.js';
import type { WebRequest } from '../web/web-request.js';
import { readArguments } from './arguments.js';
import { readBody } from './body.js';
import { jsonInParts } from './json-in-parts.js';
import { openApiDocument } from './openapi.js';
import { badRequest, ControlProblem } from './problem.js';
import type { Controlled, Route } from './route.js';
import { type Found, find, routes } from './routes.js';

/** Who asks, as the log names it. */
export interface Actor {
  readonly by: 'control socket' | 'token' | 'service';
  /** The name that a user of the control socket states; nothing checks it. */
  readonly statedUser?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

/** The rights of a request. */
export interface Caller {
  readonly actor: Actor;
  /** The answer that refuses reading; null when it may read. */
  readonly readRefusal: Answer | null;
  /** The answer that refuses a change; null when it may change the gate. */
  readonly changeRefusal: Answer | null;
}

/** Something that was done, or tried, by live control. */
export interface ControlAction {
  /** `kick`, `drain`, `resume`, `reload`, `set`, `log-level`, `ban`, `unban` or `clear-penalties`. */
  readonly action: string;
  /** As given; values of options are left out, because they may be secrets. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  /** The answer; null when it failed. */
  readonly result: Readonly<Record<string, unknown>> | null;
  /** Why it failed; null when it is done. */
  readonly problem: string | null;
}

export interface ControlApiOptions extends Controlled {
  /** Called with everything that was done, or tried, that changes the gate. What it throws becomes a process warning. */
  readonly onAction: (action: ControlAction) => void;
  /** Whether changes are possible; without them there are the routes for reading only. */
  readonly changes: boolean;
}

/** Live control by HTTP, without a socket to listen on. */
export class ControlApi {
  readonly #options: ControlApiOptions;
  readonly #routes: readonly Route[];
  /** The OpenAPI document; null until it is asked for. */
  #document: string | null = null;

  constructor(options: ControlApiOptions) {
    this.#options = options;
    this.#routes = routes.filter(
      ({ method, needsService }) =>
        (options.service !== null || !needsService) && (options.changes || method === 'GET'),
    );
  }

  /** Paths and what they are for, for the list of pages. */
  get paths(): ReadonlyMap<string, string> {
    const paths = new Map([['/openapi.json', 'the OpenAPI document of live control']]);
    for (const { method, path, about } of this.#routes) {
      const known = paths.get(path);
      paths.set(path, known === undefined ? `${method}: ${about}` : `${known} ${method}: ${about}`);
    }
    return paths;
  }

  /** Whether a path belongs to live control. */
  has(path: string): boolean {
    return path === '/openapi.json' || find(path, this.#routes) !== null;
  }

  /** The answer to a request for one of its paths, 404 for others. */
  async answer(request: WebRequest, caller: Caller): Promise<Answer> {
    const path = pathOf(request.url ?? '');
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (path === '/openapi.json')
      return method === 'GET' ? this.#openApi() : notAllowed(method, ['GET']);
    const found = find(path, this.#routes);
    if (!found) {
      const known = [...this.paths.keys()].join(', ');
      return errorAnswer(404, `page not found; expected one of ${known}`);
    }
    const route = found.routes.find((one) => one.method === method);
    if (!route)
      return notAllowed(
        method,
        found.routes.map((one) => one.method),
      );
    const refusal = route.method === 'GET' ? caller.readRefusal : caller.changeRefusal;
    if (refusal) return refusal;
    return this.#run(route, found, request, caller);
  }

  async #run(route: Route, { id }: Found, request: WebRequest, { actor }: Caller): Promise<Answer> {
    let given: Readonly<Record<string, unknown>> = {};
    let result: Readonly<Record<string, unknown>>;
    try {
      given = await argumentsOf(route, request);
      const args = route.freeBody ? given : readArguments(route.args, given);
      result = (await route.run({ ...this.#options, args, id })) as Record<string, unknown>;
    } catch (error) {
      const { message } = toError(error);
      this.#report(route, {
        ...described(route, id, given),
        actor,
        result: null,
        problem: message,
      });
      return problemOf(error);
    }
    this.#report(route, { ...described(route, id, given), actor, result, problem: null });
    return jsonInParts(result);
  }

  /** What is done stays done, whatever the listener throws. */
  #report({ method }: Route, action: ControlAction): void {
    if (method === 'GET') return;
    try {
      this.#options.onAction(action);
    } catch (error) {
      process.emitWarning(toError(error));
    }
  }

  #openApi(): Answer {
    this.#document ??= `${JSON.stringify(openApiDocument(this.#routes))}\n`;
    return {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: this.#document,
    };
  }
}

function notAllowed(method: string | undefined, known: readonly string[]): Answer {
  const all = known.includes('GET')
    ? ['GET', 'HEAD', ...known.filter((one) => one !== 'GET')]
    : known;
  const allowed = all.join(', ');
  return errorAnswer(405, `the method is ${method}; allowed: ${allowed}`, { allow: allowed });
}

/** The arguments of a request: those of the query, and for a change also those of the body. */
async function argumentsOf(
  { method, args, freeBody }: Route,
  request: WebRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const { url = '' } = request;
  const query: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(url.slice(pathOf(url).length))) {
    // The token of readers that cannot set headers.
    if (name === 'token') continue;
    const before = Object.hasOwn(query, name) ? query[name] : undefined;
    const isList = Object.hasOwn(args, name) && args[name]?.schema.type === 'array';
    query[name] = before === undefined && !isList ? value : [before ?? [], value].flat();
  }
  if (method === 'GET') return query;
  const body = await readBody(request);
  if (freeBody === null) return { ...query, ...body };
  if (Object.keys(query).length > 0)
    throw badRequest('options are set in the body, not in the query');
  if (Object.keys(body).length === 0)
    throw badRequest('no option is given: the body is a JSON object of options');
  return body;
}

/** The arguments for the log. Values of options may be secrets. */
function described(
  { action, freeBody }: Route,
  id: string,
  given: Readonly<Record<string, unknown>>,
) {
  const shown = freeBody ? { options: Object.keys(given) } : given;
  return { action, arguments: id === '' ? shown : { id, ...shown } };
}

/** The answer to a request that failed. The text of an unexpected error is not for the client. */
function problemOf(error: unknown): Answer {
  if (error instanceof ControlProblem) return errorAnswer(error.status, error.message);
  if (error instanceof OptionError || error instanceof UnknownOptionError)
    return errorAnswer(400, error.message);
  if (error instanceof BansFullError) return errorAnswer(409, error.message);
  if (error instanceof IxgateError && error.code === 'UNKNOWN_NODE') {
    return errorAnswer(404, error.message);
  }
  if (error instanceof IxgateError) return errorAnswer(422, error.message);
  return errorAnswer(500, 'internal error');
}
