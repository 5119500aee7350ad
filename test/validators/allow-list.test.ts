import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../adapters/files/file-error.js';
import { type AllowList, allowList } from '../../adapters/validators/index.js';
import { temporaryFolder } from '../support/folder.js';
import { context, request } from './question.js';

const two = JSON.stringify({ clients: [{ name: 'desk-1' }, { name: 'desk-2' }] });

const ask = (list: AllowList, changes: Parameters<typeof request>[0] = {}) =>
  list(request(changes), context());

/** A list in a new folder. */
async function listOf(content: unknown, file = 'clients.json') {
  const folder = await temporaryFolder();
  const path = join(folder.path, file);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  const heard = listener();
  try {
    const list = await allowList(path, heard);
    return {
      path,
      list,
      heard,
      folder: folder.path,
      async [Symbol.asyncDispose]() {
        await list.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Hears reloads and problems, in order, each awaited. */
function listener() {
  const heard: (number | FileError)[] = [];
  let wake = () => {};
  const hear = (what: number | FileError) => {
    heard.push(what);
    wake();
  };
  return {
    onReload: hear,
    onProblem: hear,
    heard,
    async next(): Promise<number | FileError> {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return heard.shift() as number | FileError;
    },
  };
}

/** Replaces a file the way editors and configuration tools do. */
async function replace(path: string, content: string) {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

describe('who is granted', () => {
  test('only exact names of the file', async () => {
    await using it = await listOf({ clients: [{ name: 'desk-1' }] });
    expect(ask(it.list)).toEqual({ valid: true });
    for (const clientName of ['desk-2', 'Desk-1', 'desk-1 ', 'desk', '__proto__', 'constructor']) {
      expect(ask(it.list, { clientName })).toEqual({ valid: false, reason: 'unknown name' });
    }
  });

  test('names that fit a pattern as a whole', async () => {
    await using it = await listOf({ clients: [{ pattern: 'desk-??' }, { pattern: 'chat-*' }] });
    for (const clientName of ['desk-01', 'desk-é😀', 'chat-', 'chat-all']) {
      expect(ask(it.list, { clientName }), clientName).toEqual({ valid: true });
    }
    for (const clientName of ['desk-1', 'desk-001', 'a chat-x', 'chat']) {
      expect(ask(it.list, { clientName }), clientName).toMatchObject({ valid: false });
    }
  });

  test('a pattern made to be slow is not', async () => {
    await using it = await listOf({ clients: [{ pattern: `${'*a'.repeat(100)}*b` }] });
    const start = performance.now();
    expect(ask(it.list, { clientName: 'a'.repeat(255) })).toMatchObject({ valid: false });
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('an exact name decides before every pattern, then the first pattern that fits', async () => {
    await using it = await listOf({
      clients: [
        { pattern: '*', cap: 9 },
        { pattern: 'desk-*', cap: 8 },
        { name: 'desk-1', cap: 1 },
      ],
    });
    expect(ask(it.list)).toEqual({ valid: true, cap: 1 });
    expect(ask(it.list, { clientName: 'desk-2' })).toEqual({ valid: true, cap: 9 });
  });

  test('the client types and media types that an entry allows', async () => {
    await using it = await listOf({
      clients: [{ name: 'desk-1', types: ['MediaServer', 'Proxy'], mediaTypes: ['chat', 'email'] }],
    });
    expect(ask(it.list, { clientType: 'Proxy', mediaType: 'chat' })).toEqual({ valid: true });
    expect(ask(it.list, { mediaType: 'chat' })).toEqual({
      valid: false,
      reason: 'type AgentApplication is not allowed for this name',
    });
    expect(ask(it.list, { clientType: 'Proxy', mediaType: 'fax\n' })).toEqual({
      valid: false,
      reason: 'media type "fax\\n" is not allowed for this name',
    });
    expect(ask(it.list, { clientType: 'Proxy' })).toEqual({
      valid: false,
      reason: 'media type is missing; this name requires it',
    });
  });

  test('the same from YAML', async () => {
    const yaml =
      '# our clients\nclients:\n  - name: desk-1\n    types: [AgentApplication]\n  - pattern: "chat-*"\n    cap: 3\n';
    for (const file of ['clients.yaml', 'clients.yml']) {
      await using it = await listOf(yaml, file);
      expect(ask(it.list)).toEqual({ valid: true });
      expect(ask(it.list, { clientName: 'chat-1' })).toEqual({ valid: true, cap: 3 });
    }
  });

  test('no client, when the list is empty', async () => {
    await using it = await listOf({ clients: [] });
    expect(ask(it.list)).toMatchObject({ reason: 'unknown name' });
  });
});

describe('a file that cannot be used is refused with file, line, key, value and what is allowed', () => {
  const entry = (line: string) => `{\n  "clients": [\n    {"name": "a"},\n    ${line}\n  ]\n}`;
  const cases: [what: string, content: string, message: string][] = [
    ['invalid JSON', '{\n"clients": [\n x ]}', ':3: invalid JSON: Unexpected token'],
    ['truncated JSON', '{\n"clients": [', ':2: invalid JSON: '],
    ['a list', '[]', ':1: clients is missing; allowed: { clients: [...] }'],
    ['nothing in it', '{}', ':1: clients is missing; allowed: { clients: [...] }'],
    [
      'a misspelt key',
      entry('{"nmae": "b"}'),
      ':4: unknown key clients[1].nmae. Did you mean name? Known: name, pattern, types, mediaTypes, cap',
    ],
    [
      'a name that is not text',
      entry('{"name": 12}'),
      ':4: clients[1].name is 12; allowed: text of 1 to 255 characters',
    ],
    [
      'an empty name',
      entry('{"name": ""}'),
      ':4: clients[1].name is ""; allowed: text of 1 to 255 characters',
    ],
    [
      'a cap of 0',
      entry('{"name": "b", "cap": 0}'),
      ':4: clients[1].cap is 0; allowed: a whole number from 1 to 1000000',
    ],
    [
      'an unknown type',
      entry('{"name": "b", "types": ["Agent"]}'),
      ':4: clients[1].types[0] is "Agent"; allowed: one of AgentApplication, MediaServer, ReportingEngine, RoutingEngine, Proxy',
    ],
    [
      'no types at all',
      entry('{"name": "b", "types": []}'),
      ':4: clients[1].types is []; allowed: a list, each one of AgentApplication, MediaServer, ReportingEngine, RoutingEngine, Proxy; leave it out to allow every type',
    ],
    [
      'a name and a pattern',
      entry('{"name": "b", "pattern": "b*"}'),
      ':4: clients[1] is {"name":"b","pattern":"b*"}; allowed: a name or a pattern, one of the two',
    ],
    ['neither', entry('{}'), ':4: clients[1] is {}; allowed: a name or a pattern, one of the two'],
    [
      'a name twice',
      entry('{"name": "a"}'),
      ':4: clients[1].name is "a", which an earlier entry has; allowed: each name once',
    ],
    ['a key twice', entry('{"name": "b", "name": "c"}'), ':4: Map keys must be unique'],
  ];
  test.each(cases)('%s', async (_what, content, message) => {
    const error: unknown = await listOf(content).then(
      () => null,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).code).toBe('BAD_FILE');
    expect((error as FileError).message).toContain(`clients.json${message}`);
  });

  test('invalid YAML', async () => {
    await expect(listOf('clients:\n  - name: a\n - name: b\n', 'c.yaml')).rejects.toThrow(
      /c\.yaml:3: /,
    );
  });

  test('a file that is not there', async () => {
    await expect(allowList('/nowhere/clients.json')).rejects.toThrow(
      '/nowhere/clients.json: cannot be read: file not found',
    );
  });
});

describe('a file that changes', () => {
  test('is read again when it is written in place', async () => {
    await using it = await listOf({ clients: [{ name: 'desk-1' }] });
    await writeFile(it.path, two);
    expect(await it.heard.next()).toBe(2);
    expect(ask(it.list, { clientName: 'desk-2' })).toEqual({ valid: true });
  });

  test('is read again when it is replaced by renaming, time after time', async () => {
    await using it = await listOf({ clients: [] });
    for (let size = 1; size <= 4; size += 1) {
      const clients = Array.from({ length: size }, (_, index) => ({ name: `desk-${index}` }));
      await replace(it.path, JSON.stringify({ clients }));
      expect(await it.heard.next()).toBe(size);
      expect(ask(it.list, { clientName: `desk-${size - 1}` })).toEqual({ valid: true });
    }
  });

  test('is read again when the link to its folder is turned, as Kubernetes does', async () => {
    await using folder = await temporaryFolder();
    const at = (...names: string[]) => join(folder.path, ...names);
    await mkdir(at('first'));
    await mkdir(at('second'));
    await writeFile(at('first', 'clients.json'), '{"clients": []}');
    await writeFile(at('second', 'clients.json'), two);
    await symlink('first', at('..data'));
    await symlink('..data/clients.json', at('clients.json'));
    const heard = listener();
    await using list = await allowList(at('clients.json'), heard);
    await symlink('second', at('..new'));
    await rename(at('..new'), at('..data'));
    expect(await heard.next()).toBe(2);
    expect(ask(list)).toEqual({ valid: true });
  });

  test('stays in force when the new version is invalid, which is reported once', async () => {
    await using it = await listOf({ clients: [{ name: 'desk-1' }] });
    await replace(it.path, '{"clients": [{"name": 7}]}');
    const problem = await it.heard.next();
    expect(problem).toBeInstanceOf(FileError);
    expect((problem as FileError).message).toBe(
      `${it.path}:1: clients[0].name is 7; allowed: text of 1 to 255 characters`,
    );
    expect(ask(it.list)).toEqual({ valid: true });
    // Writing the same invalid text again does not count as a new version; the valid text after it does.
    await replace(it.path, '{"clients": [{"name": 7}]}');
    // There is nothing to await in what must not happen: the time to notice, settle and read, three times over.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await replace(it.path, two);
    expect(await it.heard.next()).toBe(2);
    expect(it.heard.heard).toEqual([]);
  });

  test('stays in force when the file goes, and is read again when it comes back', async () => {
    await using it = await listOf({ clients: [{ name: 'desk-1' }] });
    await rm(it.path);
    expect(String(await it.heard.next())).toContain('cannot be read: file not found');
    expect(ask(it.list)).toEqual({ valid: true });
    await writeFile(it.path, two);
    expect(await it.heard.next()).toBe(2);
  });

  test('is not followed after close()', async () => {
    await using it = await listOf({ clients: [{ name: 'desk-1' }] });
    await it.list.close();
    await using other = await listenedAnew(it.path);
    await replace(it.path, two);
    expect(await other.heard.next()).toBe(2);
    expect(it.heard.heard).toEqual([]);
    expect(ask(it.list, { clientName: 'desk-2' })).toMatchObject({ valid: false });
  });

  test('goes on being followed when the caller throws', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'clients.json');
    await writeFile(path, '{"clients": []}');
    const heard = listener();
    const warned = new Promise((resolve) => process.once('warning', resolve));
    await using _list = await allowList(path, {
      onReload(entries) {
        heard.onReload(entries);
        if (entries === 2) throw new Error('thrown by the caller');
      },
    });
    await replace(path, two);
    expect(await heard.next()).toBe(2);
    expect(String(await warned)).toContain('thrown by the caller');
    await replace(path, '{"clients": [{"name": "x"}]}');
    expect(await heard.next()).toBe(1);
  });
});

async function listenedAnew(path: string) {
  const heard = listener();
  const list = await allowList(path, heard);
  return { heard, [Symbol.asyncDispose]: () => list.close() };
}
