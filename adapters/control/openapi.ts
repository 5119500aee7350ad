/** The OpenAPI document of live control, made from the table of routes. */
import { version } from '../runtime/version.js';
import type { Argument, Schema } from './arguments.js';
import type { Route } from './route.js';
import { errorSchema, object } from './schemas.js';

/** An OpenAPI 3.1 document. */
export function openApiDocument(routes: readonly Route[]): Schema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(route),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ixgate live control',
      version: version(),
      description:
        'Control of a running gate. On the unix socket of --control all requests are allowed. On the admin port reading is as for /sessions; changes need the token in the header Authorization: Bearer. Durations are written like 500ms, 5s, 1m, 1h or 2d; times in answers are milliseconds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema },
    },
  };
}

function operation(route: Route): Schema {
  const { method, path, action, about, answer } = route;
  const parameters = [
    ...(path.includes('{id}') ? [idParameter] : []),
    ...(method === 'GET' || method === 'DELETE' ? Object.entries(route.args).map(parameter) : []),
  ];
  const body = bodyOf(route);
  return {
    operationId: path.includes('{id}') && method === 'DELETE' ? `${action}-one` : action,
    summary: about,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: isRequired(route),
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      200: { description: 'done', content: { 'application/json': { schema: answer } } },
      ...Object.fromEntries(
        problemsOf(route).map(([status, meaning]) => [status, problem(meaning)]),
      ),
    },
  };
}

const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'id of the session',
  schema: { type: 'string' },
};

function parameter([name, one]: [string, Argument<unknown>]): Schema {
  return {
    name,
    in: 'query',
    required: one.isRequired,
    description: one.description,
    schema: one.schema,
  };
}

/** The schema of the body; null without one. */
function bodyOf({ method, args, freeBody }: Route): Schema | null {
  if (freeBody) return freeBody;
  const entries = Object.entries(args);
  if (method === 'GET' || entries.length === 0) return null;
  const schema = object(
    Object.fromEntries(
      entries.map(([name, { schema, description }]) => [name, { ...schema, description }]),
    ),
  );
  // The arguments of DELETE may be in the query as well.
  const required = entries.filter(([, one]) => one.isRequired).map(([name]) => name);
  return { ...schema, required: method === 'DELETE' ? [] : required };
}

function isRequired({ method, args, freeBody }: Route): boolean {
  if (method === 'DELETE') return false;
  return freeBody !== null || Object.values(args).some((one) => one.isRequired);
}

function problemsOf({ method, problems }: Route): [string, string][] {
  const changes: Record<number, string> = {
    403: 'changes are not possible here: no token is configured, or a page of another origin asks',
    413: 'the body is too large',
  };
  const all = {
    400: 'an argument is missing, unknown or invalid',
    401: 'the token is missing or wrong',
    ...(method !== 'GET' && changes),
    429: 'too many requests from this address',
    ...problems,
  };
  return Object.entries(all);
}

function problem(description: string): Schema {
  return {
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}
