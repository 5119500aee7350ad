import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readRegular } from '../../adapters/files/regular-file.js';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { allowList } from '../../adapters/validators/index.js';
import { ixgate, serving } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { request } from '../validators/question.js';

const makePipe = (path: string) => execFileSync('mkfifo', [path]);

/** A folder in which files are replaced by renaming: by a text, or by a pipe. */
async function filesIn() {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  return {
    path: folder.path,
    at,
    async put(name: string, text: string) {
      await writeFile(at(`${name}.new`), text);
      await rename(at(`${name}.new`), at(name));
    },
    async putPipe(name: string) {
      makePipe(at(`${name}.new`));
      await rename(at(`${name}.new`), at(name));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const pipe = 'cannot be read: it is a named pipe, expected a regular file';

describe('T89: a file that is watched must be a regular file', () => {
  test('T89: pipes, devices, sockets and folders are rejected at once, also behind a link', async () => {
    await using files = await filesIn();
    makePipe(files.at('pipe'));
    await symlink('pipe', files.at('link'));
    await mkdir(files.at('folder'));
    const server = createServer().listen(files.at('socket'));
    await once(server, 'listening');
    const problems: [string, string][] = [
      [files.at('pipe'), pipe],
      [files.at('link'), pipe],
      ['/dev/zero', 'cannot be read: it is a device, expected a regular file'],
      [files.at('socket'), 'cannot be read: it is a socket, expected a regular file'],
      [files.at('folder'), 'cannot be read: it is a folder'],
    ];
    for (const [path, problem] of problems) {
      await expect(readRegular(path), path).rejects.toMatchObject({ path, line: null, problem });
    }
    server.close();
  });

  test('T89: an allow-list that becomes a pipe stays in force, and is followed when it is a file again', async () => {
    await using files = await filesIn();
    await files.put('clients.json', '{"clients": [{"name": "desk-1"}]}');
    const told: unknown[] = [];
    await using list = await allowList(files.at('clients.json'), {
      onReload: (entries) => told.push(entries),
      onProblem: ({ problem }) => told.push(problem),
    });
    await files.putPipe('clients.json');
    await expect.poll(() => told).toEqual([pipe]);
    expect(list.verdictOn(request())).toEqual({ valid: true });
    await files.put('clients.json', '{"clients": []}');
    await expect.poll(() => told).toEqual([pipe, 0]);
    await files.putPipe('clients.json');
    await expect.poll(() => told).toEqual([pipe, 0, pipe]);
    // A reading of a pipe would hold this up.
    await list.close();
  });
});

describe('T89: ixgate serve with a file that becomes a pipe', () => {
  const made: { cert?: string; key?: string } = {};
  beforeAll(async () => {
    Object.assign(made, await selfSigned());
  });

  const yaml = 'ixgate.config.yaml';
  const tls = 'listen: [tls://127.0.0.1:0]\ntlsCert: cert.pem\ntlsKey: key.pem\n';
  const files: Record<string, string> = { [yaml]: tls, 'clients.json': '{"clients": []}' };

  test.each([
    ['clients.json', 'clients-reload-failed', 'clients-reloaded', '{"clients": [{"name": "a"}]}'],
    [yaml, 'reload-failed', 'reloaded', `${tls}drain: 1s\n`],
    ['cert.pem', 'reload-failed', 'reloaded', null],
  ])(
    'T89: %s: the gate logs it, follows the file again later, and ends at SIGTERM',
    async (name, refused, reloaded, next) => {
      await using folder = await filesIn();
      const { cert = '', key = '' } = made;
      for (const [file, text] of Object.entries({ ...files, 'cert.pem': cert, 'key.pem': key })) {
        await folder.put(file, text);
      }
      const args = ['--listen', 'tls://127.0.0.1:0', '--clients', 'clients.json'];
      await using gate = await serving(args, { cwd: folder.path });
      await folder.putPipe(name);
      expect(await gate.event(refused)).toMatchObject({ msg: expect.stringContaining(pipe) });
      const other = await selfSigned();
      if (next === null) await folder.put('key.pem', other.key);
      await folder.put(name, next ?? other.cert);
      await gate.event(reloaded);
      await folder.putPipe(name);
      await gate.event(refused);
      gate.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
    },
  );

  test('T89: at the start it is an error, for the token too', async () => {
    await using folder = await filesIn();
    makePipe(folder.at('pipe'));
    for (const option of ['--config', '--clients', '--tls-ca', '--admin-token']) {
      const value = option === '--admin-token' ? '@pipe' : 'pipe';
      const args = ['serve', '--listen', 'tcp://127.0.0.1:0', option, value];
      const { code, stderr } = await ixgate(args, { cwd: folder.path });
      expect(stderr, option).toContain(pipe);
      expect(code, option).toBe(2);
    }
  });
});
