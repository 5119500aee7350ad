/** The protocol that docs/protocols.md builds, against a real Redis. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { startRedis } from '../support/installed-servers.js';
import { codeBlocks, installed } from './brokers.js';

const file = resolve('examples/redis-auth/protocol.ts');
const protocol = ['--protocol', file];

const version = installed('redis-server', '--version');
if (version === null)
  console.log('skipped: redis-server is not installed (apt-get install redis-server)');

describe('the protocol of examples/redis-auth', () => {
  it('has its properties', async () => {
    const { code, stdout } = await ixgate(['check', ...protocol]);
    expect(stdout).toContain('1 of 1 properties hold');
    expect(code).toBe(0);
  });

  it.skipIf(version === null)('holds for a Redis with a password', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--requirepass', 'sesame');
    const args = ['conform', redis.tcp, ...protocol, '--value', 'password=sesame'];
    const { code, stdout } = await ixgate(args);
    const [sum = ''] = stdout.trimEnd().split('\n').slice(-1);
    expect(sum).toContain('4 of 4 statements hold');
    expect(await readFile('docs/protocols.md', 'utf8')).toContain(`\n    ${sum}\n`);
    expect(code).toBe(0);
  });

  it.skipIf(version === null)(
    'does not hold for a Redis without one, and names the statements',
    async () => {
      await using folder = await temporaryFolder();
      await using redis = await startRedis(folder.path);
      const args = ['conform', redis.tcp, ...protocol, '--value', 'password=sesame'];
      const { code, stdout } = await ixgate(args);
      expect(stdout).toMatch(/^DIFFERS {5}requirepass .*\n +ping: expected NOAUTH, observed PONG/m);
      expect(stdout).toMatch(/^DIFFERS {5}AUTH /m);
      expect(code).toBe(6);
    },
  );

  it.skipIf(version === null)('is run by the commands of the guide', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--requirepass', 'sesame');
    const commands = (await codeBlocks('sh')).join('').trimEnd().split('\n');
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      const [, , ...words] = command.split(' ');
      const args = words.map((word) =>
        word.replace('tcp://127.0.0.1:6379', redis.tcp).replace('test/generated', folder.path),
      );
      expect([command, await ixgate(args)]).toMatchObject([command, { code: 0, stderr: '' }]);
    }
  });
});
