import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate, Running, serving } from '../cli/ixgate.js';
import { hasProgram } from '../deploy/programs.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { startRedisOn } from '../support/installed-servers.js';

const isThere = await hasProgram('redis-server', ['--version'], 'redis-server');

describe.skipIf(!isThere)('The start of docs/cluster.md', () => {
  it('makes two gates that share names, as its commands are written', async () => {
    const page = await readFile('docs/cluster.md', 'utf8');
    const start = /^## Start\n(.*?)^## /ms.exec(page)?.[1] ?? '';
    const [, clients = ''] = /```yaml\n(.*?)```/s.exec(start) ?? [];
    const ports = new Map<string, number>();
    for (const port of ['6379', '7004', '7014', '7090']) ports.set(port, await freePort());
    const commands = [...start.replace(/```.*?```/gs, '').matchAll(/^ {4}(.*)$/gm)].map(
      ([, line = '']) =>
        line.replace(/(?<=\D)(6379|7004|7014|7090)\b/g, (port) => String(ports.get(port))),
    );
    const [redis = '', first = '', second = '', stay = '', refused = '', answer = ''] = commands;
    expect(commands).toHaveLength(6);

    await using folder = await temporaryFolder();
    const cwd = folder.path;
    await writeFile(join(cwd, 'clients.yaml'), clients);
    expect(redis).toBe(`redis-server --port ${ports.get('6379')} --save ''`);
    await using _store = await startRedisOn(ports.get('6379') as number, cwd);
    // The first gate listens on the default ports.
    const defaults = ['--listen', `tcp://127.0.0.1:${ports.get('7004')}`, '--admin', 'off'];
    await using one = await serving([...wordsOf(first, 'serve'), ...defaults], { cwd });
    await using _two = await serving(wordsOf(second, 'serve'), { cwd });
    await using staying = new Running(['register', ...wordsOf(stay, 'register')], { cwd });
    expect(await staying.line()).toMatch(/^registered at /);
    const again = ['register', ...wordsOf(refused, 'register')];
    expect(await ixgate(again, { cwd })).toMatchObject({ code: 3, stderr: `${answer}\n` });
    one.kill('SIGKILL');
    await expect.poll(async () => (await ixgate(again, { cwd })).code).toBe(0);
  });
});

/** The arguments of a command of ixgate. */
function wordsOf(line: string, command: string): string[] {
  const [, rest = ''] = line.split(`npx ixgate ${command} `);
  return rest.split(' ');
}
