import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { temporaryFolder } from '../support/folder.js';
import { Command, ixgate, serving } from './in-process.js';

const token = 'correct-horse-battery-staple';

/** Asks with each of the answers that a page would want. */
async function statuses(admin: string, suffix = ''): Promise<Record<string, number>> {
  const paths = ['/', '/healthz', '/sessions', '/feed'];
  const answers = await Promise.all(paths.map((path) => fetch(`${admin}${path}${suffix}`)));
  return Object.fromEntries(paths.map((path, index) => [path, answers[index]?.status ?? 0]));
}

describe('--admin-token', () => {
  test('allows a public admin address, protects its data, and appears in no log', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'token.txt'), `${token}\n`);
    const args = ['--admin', 'http://0.0.0.0:0', '--admin-token', '@token.txt'];
    await using gate = await serving([...args, '--log-level', 'trace'], { cwd: folder.path });
    const admin = gate.admin.replace('0.0.0.0', '127.0.0.1');
    expect(await statuses(admin)).toEqual({
      '/': 200,
      '/healthz': 200,
      '/sessions': 401,
      '/feed': 401,
    });
    expect(await statuses(admin, `?token=${token}`)).toMatchObject({
      '/sessions': 200,
      '/feed': 426,
    });
    const viewer = new WebSocket(`${admin.replace('http', 'ws')}/feed?token=${token}`);
    const [hello] = await new Promise<unknown[]>((resolve, reject) => {
      viewer.once('message', (data) => resolve([JSON.parse(String(data))]));
      viewer.once('error', reject);
    });
    expect(hello).toMatchObject({
      type: 'hello',
      gate: expect.stringMatching(/^ixgate \d/),
      delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
    });
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stdout + gate.stderr).not.toContain(token);
  });

  test('may stand in the environment, and is masked where the options are printed', async () => {
    const env = { IXGATE_ADMIN_TOKEN: token };
    const { stdout } = await ixgate(['serve', '--print-config'], { env });
    expect(stdout).toMatch(/^adminToken +\*\*\* +IXGATE_ADMIN_TOKEN$/m);
    expect(stdout).not.toContain(token);
    const anywhere = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'];
    await using running = new Command(['serve', ...anywhere, '--log-format', 'pretty'], { env });
    let line = '';
    while (!line.includes('watch')) line = await running.line();
    expect(line).toMatch(
      /^ {2}watch {4}http:\/\/127\.0\.0\.1:\d+\/ {2}\(asks for the token of --admin-token\)$/,
    );
  });

  test('belongs to an address that people use through a proxy, which is the one that the start message shows', async () => {
    const url = 'https://gate.example/ops';
    const anywhere = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'];
    const asked = ['serve', ...anywhere, '--admin-public-url', url];
    const ran = await ixgate(asked);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toBe(
      `ixgate: --admin-public-url: adminPublicUrl is ${url}/, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)\n`,
    );
    await using gate = new Command([...asked, '--admin-token', token, '--json']);
    const { admin, page } = await gate.event('listening');
    expect(page).toBe(`${url}/`);
    const statusFor = (host: string) =>
      new Promise((resolve) => {
        get(`${admin}/healthz`, { headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
      });
    expect(await statusFor('gate.example')).toBe(200);
    expect(await statusFor('other.example')).toBe(403);
  });

  test.each([
    [['--admin-public-url', 'gate.example'], 'adminPublicUrl is "gate.example"'],
    [['--admin-trust-proxy', 'nginx'], '"nginx" is not an address or block'],
    [['--admin', 'off', '--admin-trust-proxy', '10.0.0.1'], 'adminTrustProxy needs admin'],
    [['--admin', 'off', '--admin-public-url', 'http://localhost/'], 'adminPublicUrl needs admin'],
  ])('and its proxies: %s is refused', async (args, told) => {
    const { code, stderr } = await ixgate(['serve', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
  });

  test('in a file without a valid token is rejected without printing the file', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'token.txt'), 'two words\n');
    const ran = await ixgate(['serve', '--admin-token', '@token.txt'], { cwd: folder.path });
    expect(ran).toEqual({
      code: 2,
      stdout: '',
      stderr: `ixgate: --admin-token: adminToken ${join(folder.path, 'token.txt')} has no valid token; allowed: 16 to 512 letters, digits and signs without blanks\n`,
    });
  });
});
