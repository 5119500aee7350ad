import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { askHttp, controlled } from '../support/controlled.js';
import { lineClient, registerRequest } from '../support/line-client.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly content: Json }>>;
}
type Json = { readonly 'application/json': { readonly schema: object } };
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const content = ['content', 'application/json', 'schema'];

type Gate = Awaited<ReturnType<typeof controlled>>;
type Exchange = readonly [
  method: string,
  template: string,
  path: string,
  status: number,
  body?: unknown,
];

const documentOf = async (it: Gate) => (await it.ask('/openapi.json')).value as unknown as Document;

/** Every method of every path, with each status that can be had here. */
function exchangesFor(id: string, isCluster: boolean): Exchange[] {
  return [
    ['get', '/nodes', '/nodes', isCluster ? 200 : 404],
    ['post', '/drain', '/drain', isCluster ? 200 : 404, { allNodes: true }],
    ['post', '/resume', '/resume', isCluster ? 200 : 404, { node: 'a' }],
    ['post', '/resume', '/resume', 404, { node: 'x' }],
    ['post', '/reload', '/reload', isCluster ? 200 : 404, { allNodes: true }],
    ['post', '/reload', '/reload', 400, { allNodes: true, node: 'a' }],
    ['get', '/status', '/status', 200],
    ['post', '/drain', '/drain', 200],
    ['post', '/resume', '/resume', 200],
    ['get', '/sessions', '/sessions', 200],
    ['get', '/sessions', '/sessions?where=state=registered&where=age>0&limit=1', 200],
    ['get', '/sessions', '/sessions?where=colour', 400],
    ['get', '/sessions/{id}', `/sessions/${id}`, 200],
    ['get', '/sessions/{id}', '/sessions/x-1', 404],
    ['get', '/config', '/config', 200],
    ['patch', '/config', '/config', 200, { maxErrors: 4, exempt: ['10.0.0.0/8'] }],
    ['patch', '/config', '/config', 200, { maxErrors: null, exempt: null }],
    ['patch', '/config', '/config', 400, { listen: 'tcp://127.0.0.1:1' }],
    ['patch', '/config', '/config', 422, { maxErrors: 'many' }],
    ['post', '/reload', '/reload', 200],
    ['get', '/log-level', '/log-level', 200],
    ['put', '/log-level', '/log-level', 200, { level: 'debug' }],
    ['put', '/log-level', '/log-level', 400, { level: 'loud' }],
    ['post', '/bans', '/bans', 200, { address: '192.0.2.7', duration: '1m' }],
    ['post', '/bans', '/bans', 200, { address: '192.0.2.0/24', duration: 'forever', kick: true }],
    ['post', '/bans', '/bans', 413, { address: 'x'.repeat(70_000) }],
    ['get', '/bans', '/bans', 200],
    ['delete', '/bans', '/bans?address=192.0.2.7', 200],
    ['delete', '/bans', '/bans', 404, { address: '192.0.2.7' }],
    ['get', '/penalties', '/penalties?limit=10', 200],
    ['delete', '/penalties', '/penalties', 200],
    ['delete', '/sessions', '/sessions?where=client=none&reason=x', 200],
    ['delete', '/sessions/{id}', '/sessions/x-1', 404],
    ['delete', '/sessions/{id}', `/sessions/${id}`, 200, { retryAfter: '10s', ban: '1s' }],
  ];
}

/** Sends each request and compares the answer with the document. @returns what does not fit */
async function differences(it: Gate, document: Document, isCluster = false): Promise<string[]> {
  await using client = await lineClient(it.gate.port);
  await client.ask(registerRequest());
  // A penalty, so that the list has one.
  await using bad = await lineClient(it.gate.port);
  bad.say('{]\n');
  await bad.ended;
  const { sessions } = (await it.ask('/sessions')).value as { sessions: { id: string }[] };
  const exchanges = exchangesFor(sessions[0]?.id ?? '', isCluster);
  const found: string[] = [];
  const covered = new Set<string>();
  for (const [method, template, path, status, body] of exchanges) {
    const where = `${method} ${path} ${status}`;
    covered.add(`${method} ${template}`);
    const operation = document.paths[template]?.[method];
    const answer = await it.ask(path, { method: method.toUpperCase(), body });
    if (answer.status !== status) found.push(`${where}: answered ${answer.status}`);
    const schema = operation?.responses[status]?.content['application/json'].schema;
    if (!schema) found.push(`${where}: not in the document`);
    else found.push(...problems(document, schema, answer.value).map((one) => `${where}: ${one}`));
    const given = operation?.requestBody?.content['application/json'].schema;
    if (body !== undefined && status === 200) {
      if (!given) found.push(`${where}: has no body`);
      else found.push(...problems(document, given, body).map((one) => `${where}: body ${one}`));
    }
    for (const name of new URL(path, 'http://x').searchParams.keys()) {
      const known = operation?.parameters?.some((one) => one.in === 'query' && one.name === name);
      if (!known) found.push(`${where}: has no argument ${name}`);
    }
  }
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).map((method) => `${method} ${path}`),
  );
  for (const one of all) if (!covered.has(one)) found.push(`${one}: nothing asks for it`);
  return found;
}

function problems({ components }: Document, schema: object, value: unknown): string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const validate = ajv.compile({ ...schema, components });
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the OpenAPI document', () => {
  test('is valid, with a different operationId for each route', async () => {
    await using it = await controlled();
    const document = await documentOf(it);
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).toHaveLength(18);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is what the server does: each path, method, status and body', async () => {
    await using it = await controlled(['--exempt', 'none']);
    expect(await differences(it, await documentOf(it))).toEqual([]);
  });

  test('is what a gate of a cluster does', async () => {
    const cluster = ['--directory', 'memory', '--node', 'a'];
    await using it = await controlled(['--exempt', 'none', ...cluster]);
    expect(await differences(it, await documentOf(it), true)).toEqual([]);
  });

  test('is what the admin port does for a list of all sessions', async () => {
    await using it = await controlled(['--admin', 'http://127.0.0.1:0']);
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const document = await documentOf(it);
    const answer = await askHttp({ url: it.gate.admin }, '/sessions');
    const schema = document.paths['/sessions']?.get?.responses[200]?.content['application/json'];
    expect(answer.value).toMatchObject({ count: 1, sessions: [{ clientName: 'desk-1' }] });
    expect(problems(document, schema?.schema ?? {}, answer.value)).toEqual([]);
  });

  const answerOf = (path: string) => ['paths', path, 'get', 'responses', '200', ...content];
  test.each<[what: string, where: readonly string[], value: unknown]>([
    ['a path', ['paths', '/drain'], undefined],
    ['a method', ['paths', '/drain', 'put'], { operationId: 'drain-twice', responses: {} }],
    ['a status', ['paths', '/sessions/{id}', 'get', 'responses', '404'], undefined],
    ['the keys of an answer', [...answerOf('/status'), 'properties'], {}],
    ['the type of a key', [...answerOf('/bans'), 'properties', 'count', 'type'], 'string'],
    ['an argument', ['paths', '/sessions', 'get', 'parameters'], []],
    ['a body', ['paths', '/log-level', 'put', 'requestBody', ...content, 'properties'], {}],
  ])('is found to differ when %s is changed', async (_what, where, value) => {
    await using it = await controlled(['--exempt', 'none']);
    const document = structuredClone(await documentOf(it));
    const parent = where
      .slice(0, -1)
      .reduce<object>((node, key) => (node as Record<string, object>)[key] ?? {}, document);
    const key = where.at(-1) ?? '';
    Object.assign(parent, { [key]: value });
    expect((await differences(it, document)).length).toBeGreaterThan(0);
  });

  test('that is broken is found to be invalid', async () => {
    await using it = await controlled();
    const document = structuredClone(await documentOf(it)) as unknown as Record<string, unknown>;
    document.info = undefined;
    expect(await new Validator().validate(document)).toMatchObject({ valid: false });
  });
});
