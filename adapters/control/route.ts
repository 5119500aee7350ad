import type { GateView } from '../server/index.js';
import type { Arguments, Schema, Values } from './arguments.js';
import type { ServiceControl } from './service-control.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the routes work on. */
export interface Controlled {
  readonly gate: GateView;
  /** Null in a service that embeds the gate. */
  readonly service: ServiceControl | null;
  /** Whether a stop was announced. */
  readonly isStopping: () => boolean;
}

/** What a request asks for. */
export interface Call<Args> extends Controlled {
  readonly args: Args;
  /** The id in the path; empty without one. */
  readonly id: string;
}

/** One method of one path, as it is served and as the OpenAPI document shows it. */
export interface Route {
  readonly method: Method;
  /** With `{id}` for the id of a session. */
  readonly path: string;
  /** Its name: the operationId, and the action in the log. */
  readonly action: string;
  readonly about: string;
  /** Whether it needs the service around the gate. */
  readonly needsService: boolean;
  readonly args: Arguments;
  /** For a body whose names are not fixed: its schema; the body is passed on as it is. */
  readonly freeBody: Schema | null;
  /** Schema of the answer. */
  readonly answer: Schema;
  /** Statuses besides 200 and 400, with their meaning. */
  readonly problems: Readonly<Record<number, string>>;
  run(call: Call<Readonly<Record<string, unknown>>>): unknown;
}

interface RouteGiven<Args extends Arguments> {
  readonly about: string;
  readonly args?: Args;
  readonly freeBody?: Schema;
  readonly answer: Schema;
  readonly problems?: Readonly<Record<number, string>>;
}

interface GateRoute<Args extends Arguments> extends RouteGiven<Args> {
  run(call: Call<Values<Args>>): unknown;
}

interface ServiceRoute<Args extends Arguments> extends RouteGiven<Args> {
  run(service: ServiceControl, call: Call<Values<Args>>): unknown;
}

/** A route that needs only the gate. @param what e.g. `DELETE /sessions/{id}` */
export function gateRoute<const Args extends Arguments>(
  what: `${Method} /${string}`,
  action: string,
  { run, ...given }: GateRoute<Args>,
): Route {
  return routeOf(what, action, false, given, run as Route['run']);
}

/** A route that needs the service around the gate. */
export function serviceRoute<const Args extends Arguments>(
  what: `${Method} /${string}`,
  action: string,
  { run, ...given }: ServiceRoute<Args>,
): Route {
  return routeOf(what, action, true, given, (call) => {
    if (call.service === null) throw new Error(`${action} needs a service`);
    return run(call.service, call as Call<Values<Args>>);
  });
}

function routeOf(
  what: `${Method} /${string}`,
  action: string,
  needsService: boolean,
  { about, args = {}, freeBody, answer, problems = {} }: RouteGiven<Arguments>,
  run: Route['run'],
): Route {
  const [method, path] = what.split(' ') as [Method, string];
  return {
    ...{ method, path, action, about, needsService, args, answer, problems, run },
    freeBody: freeBody ?? null,
  };
}
