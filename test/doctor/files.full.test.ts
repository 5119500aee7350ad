import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { temporaryFolder } from '../support/folder.js';
import { diagnosed } from './diagnosed.js';
import { asOtherUser, otherUser } from './other-user.js';

const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

describe('The doctor reads the list of clients', () => {
  test.each([
    ['clients:\n  - name: desk-1\n  - pattern: kiosk-*\n', 'ok', ': 2 entries'],
    ['clients: []\n', 'warn', 'has no clients, so all are refused'],
    ['clients:\n  - name: desk-1\n    cap: none\n', 'fail', ':3: clients[0].cap is "none"'],
  ] as const)('%j: %s', async (content, severity, text) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'clients.yaml');
    await writeFile(path, content);
    const found = await diagnosed(['--clients', path]);
    expect(found.of('clients')).toMatchObject([{ severity, text: expect.stringContaining(text) }]);
  });

  test.runIf(isRoot)('as the user of the gate: a file without permission fails', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'clients.yaml');
    await writeFile(path, 'clients:\n  - name: desk-1\n', { mode: 0o600 });
    await chmod(folder.path, 0o755);
    const args = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'off', '--clients', path];
    const found = await asOtherUser(args);
    expect(found.code).toBe(6);
    expect(found.of('clients')).toMatchObject([
      { severity: 'fail', text: `${path}: cannot be read: permission denied` },
    ]);
    // Root may read everything, so it does not see this.
    expect((await diagnosed(args)).of('clients')).toMatchObject([{ severity: 'ok' }]);
  });
});

describe.runIf(process.platform !== 'win32')('The doctor looks at secrets', () => {
  const token = 'correct-horse-battery-staple';

  it('and warns of files that every user can read', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const { cert, key } = await selfSigned();
    await writeFile(at('cert.pem'), cert);
    await writeFile(at('key.pem'), key, { mode: 0o644 });
    await writeFile(at('token.txt'), token, { mode: 0o644 });
    const args = [
      ...['--tls-cert', at('cert.pem'), '--tls-key', at('key.pem')],
      ...['--admin', 'http://127.0.0.1:0', '--admin-token', `@${at('token.txt')}`],
    ];
    const open = await diagnosed(args);
    expect(open.of('secrets').map(({ severity, text }) => [severity, text])).toEqual([
      ['warn', `every user of the machine can read ${at('key.pem')} (mode 644)`],
      ['warn', `every user of the machine can read ${at('token.txt')} (mode 644)`],
    ]);
    await chmod(at('key.pem'), 0o640);
    await chmod(at('token.txt'), 0o600);
    const closed = await diagnosed(args);
    expect(closed.of('secrets')).toMatchObject([{ severity: 'ok' }]);
  });

  it('and finds the token file of a configuration in another folder', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    await writeFile(at('token.txt'), token, { mode: 0o644 });
    await writeFile(at('gate.yaml'), "adminToken: '@token.txt'\n");
    const found = await diagnosed(['--config', at('gate.yaml')]);
    expect(found.of('secrets')).toMatchObject([
      {
        severity: 'warn',
        text: `every user of the machine can read ${at('token.txt')} (mode 644)`,
      },
    ]);
  });

  it('and warns of a configuration file with a token that every user can read', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.yaml');
    await writeFile(path, `adminToken: ${token}\n`, { mode: 0o644 });
    const found = await diagnosed(['--config', path]);
    expect(found.of('secrets')).toMatchObject([
      { severity: 'warn', text: expect.stringContaining(`can read ${path}`) },
    ]);
    await writeFile(path, 'drain: 1s\n');
    expect((await diagnosed(['--config', path])).of('secrets')).toEqual([]);
  });

  it('and warns of a token on the command line and of one that can be guessed', async () => {
    const onLine = await diagnosed(['--admin-token', token]);
    expect(onLine.of('secrets')).toMatchObject([
      { severity: 'warn', text: expect.stringContaining('stands on the command line') },
    ]);
    const env = { IXGATE_ADMIN_TOKEN: '1212121212121212' };
    expect((await diagnosed([], { env })).of('secrets')).toMatchObject([
      { severity: 'warn', text: expect.stringContaining('can be guessed') },
    ]);
  });

  it('and shows none of them', async () => {
    const env = {
      IXGATE_ADMIN_TOKEN: token,
      IXGATE_VALIDATOR: 'http://gate:hunter2@127.0.0.1:1/check?key=hunter3',
    };
    const found = await diagnosed([], { env });
    expect(JSON.stringify(found.findings)).not.toMatch(/correct-horse|hunter/);
  });
});

describe('The doctor looks at the folder of recordings', () => {
  const finding = async (path: string, ...more: string[]) => {
    const found = await diagnosed(['--record', path, '--record-keep', '2', ...more]);
    return found.of('folders');
  };

  it('and does not create it', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a', 'b');
    expect(await finding(path)).toMatchObject([{ severity: 'ok' }]);
    await expect(mkdir(join(folder.path, 'a'))).resolves.toBeUndefined();
  });

  it('and refuses a file in its place', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'file');
    await writeFile(path, '');
    expect(await finding(path)).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('is not a folder') },
    ]);
  });

  it('and warns when the recordings that it may keep do not fit', async () => {
    await using folder = await temporaryFolder();
    const more = ['--record-size', '1048576MiB', '--record-keep', '1000000'];
    expect(await finding(folder.path, ...more)).toMatchObject([
      { severity: 'warn', text: expect.stringContaining('the files may take') },
    ]);
  });

  it('and at the files of the log, whose folder must exist', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const found = async (...args: string[]) => {
      const { findings } = await diagnosed(args);
      return findings.filter(({ check }) => check === 'folders');
    };
    expect(
      await found('--log-file', at('gate.log'), '--audit-file', at('audit.log')),
    ).toMatchObject([{ severity: 'ok' }, { severity: 'ok' }]);
    expect(await found('--log-file', at('missing/gate.log'))).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('missing does not exist') },
    ]);
    expect(await found('--audit-file', folder.path)).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('is a folder') },
    ]);
    const large = ['--log-size', '1048576MiB', '--log-keep', '10000'];
    expect(await found('--log-file', at('gate.log'), ...large)).toMatchObject([
      { severity: 'warn', text: expect.stringContaining('the files may take') },
    ]);
  });

  test.runIf(isRoot)('as the user of the gate: a folder without permission fails', async () => {
    await using folder = await temporaryFolder();
    const args = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'off', '--record', folder.path];
    expect((await asOtherUser(args)).of('folders')).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('permission denied') },
    ]);
    await chown(folder.path, otherUser, otherUser);
    expect((await asOtherUser(args)).of('folders')).toMatchObject([{ severity: 'ok' }]);
  });

  test('a full disk and a read-only one fail', async () => {
    await using folder = await temporaryFolder();
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
    } catch {
      console.warn('SKIPPED: this user may not mount a file system');
      return;
    }
    try {
      await writeFile(join(disk, 'full'), Buffer.alloc(65_536)).catch(() => {});
      expect(await finding(disk)).toMatchObject([
        { severity: 'fail', text: expect.stringContaining('the file system is full') },
      ]);
      await run('mount', ['-o', 'remount,ro', disk]);
      expect(await finding(disk)).toMatchObject([
        { severity: 'fail', text: expect.stringContaining('the file system is read-only') },
      ]);
    } finally {
      await run('umount', [disk]);
    }
  });
});
