import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { AppsJson } from '../../adapters/inspector/index.js';
import { createInspector } from '../../adapters/inspector/index.js';
import { genuine } from '../inspector/apps.js';
import { form, light } from '../inspector/machines.js';
import { temporaryFolder } from '../support/folder.js';
import { Command, ixgate } from './in-process.js';

const anyPort = ['--listen', 'http://127.0.0.1:0'];

async function appsAt(url: unknown): Promise<AppsJson['apps']> {
  const response = await fetch(`${url}/stately.json`);
  return ((await response.json()) as AppsJson).apps;
}

describe('ixgate inspector', () => {
  it('prints its address, the lines to paste, and the address with the token for pages', async () => {
    await using command = new Command(['inspector', ...anyPort]);
    const [, url = ''] =
      /^inspector: open (http:\/\/127\.0\.0\.1:\d+)\/inspector\n?$/.exec(await command.line()) ??
      [];
    expect(await appsAt(url)).toEqual([]);
    await expect
      .poll(() => command.stdout)
      .toMatch(/\n {2}createInspector\(\{ url: 'ws:.*\?token=[0-9a-f]{24}' \}\)\n/);
    const app = url.replace('http', 'ws');
    expect(command.stdout).toContain(`createInspector({ url: '${app}/stately' })`);
    expect(command.stdout).toContain('serializationDepthLimit: 100');
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stderr).toBe('');
  });

  it.runIf(process.platform === 'linux')(
    '--open opens the page in the browser, and says where it is if there is none',
    async () => {
      await using folder = await temporaryFolder();
      const browser = join(folder.path, 'browser');
      await writeFile(browser, `#!/bin/sh\necho "$1" > ${folder.path}/opened\n`, { mode: 0o755 });
      const opened = async (program: string) => {
        const io = { env: { ...process.env, BROWSER: program } };
        await using command = new Command(['inspector', ...anyPort, '--open', '--json'], io);
        const { pageUrl } = await command.event('listening');
        if (program !== browser) return [pageUrl, (await command.event('no-browser')).pageUrl];
        const read = () => readFile(join(folder.path, 'opened'), 'utf8').catch(() => '');
        await expect.poll(read).toMatch(/\n$/);
        return [pageUrl, (await read()).trim()];
      };
      for (const program of [browser, '/bin/false', join(folder.path, 'missing')]) {
        const [page, told] = await opened(program);
        expect(told).toBe(page);
      }
    },
  );

  it('records each message with its app and time, and coverage --machine counts the recording', async () => {
    await using folder = await temporaryFolder();
    const record = join(folder.path, 'today.jsonl');
    {
      await using command = new Command(['inspector', ...anyPort, '--record', record, '--json']);
      const { appUrl, url } = await command.event('listening');
      using stately = genuine(`${appUrl}?name=stately`);
      const own = createInspector({ url: String(appUrl), name: 'own' });
      const first = createActor(form, { inspect: stately.inspect }).start();
      const second = createActor(light, { inspect: own.inspect }).start();
      first.send({ type: 'SUBMIT' });
      second.send({ type: 'NEXT' });
      const state = async (name: string) =>
        (await appsAt(url)).find((app) => app.name === name)?.actors[0]?.lastEvents.at(-1)?.type;
      await expect.poll(() => state('stately')).toBe('xstate.done.actor.save');
      await expect.poll(() => state('own')).toBe('NEXT');
      own.close();
    }
    const text = await readFile(record, 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ app: 'app-1', at: expect.any(Number), connected: true });
    expect(lines.filter(({ message }) => message?.type === '@xstate.event')).toMatchObject(
      lines
        .filter(({ message }) => message?.type === '@xstate.event')
        .map(() => ({
          app: expect.stringMatching(/^app-[12]$/),
          at: expect.any(Number),
          message: { sessionId: expect.any(String), event: { type: expect.any(String) } },
        })),
    );
    expect((await stat(record)).mode & 0o777).toBe(0o600);

    const machine = join(import.meta.dirname, '../inspector/machines.ts');
    const covered = async (name: string) => {
      const run = await ixgate(['coverage', '--machine', `${machine}#${name}`, record, '--json']);
      expect(run.stderr).toBe('');
      return JSON.parse(run.stdout);
    };
    expect(await covered('light')).toMatchObject({
      sessions: 1,
      steps: 1,
      states: { covered: 2, missing: ['red'] },
      transitions: { missing: ['yellow:NEXT', 'red:NEXT'] },
      files: [{ kind: 'recording' }],
    });
    expect(await covered('form')).toMatchObject({
      sessions: 1,
      steps: 2,
      states: { missing: ['blocked'] },
    });

    // The recorded events become inputs of tools that explore the machine.
    await using made = await temporaryFolder();
    const suite = join(made.path, 'suite.json');
    const args = ['--machine', `${machine}#light`, '--events', record, '--out', suite];
    expect(await ixgate(['generate', ...args])).toMatchObject({ code: 0, stderr: '' });

    // What a killed process leaves: the last line is cut off.
    await writeFile(record, `${text}{"app":"app-1","at":1,"mess`);
    expect(await covered('light')).toMatchObject({ steps: 1 });
  });

  it('coverage counts an actor up to a gap: what it did afterwards cannot be replayed', async () => {
    await using folder = await temporaryFolder();
    const record = join(folder.path, 'gap.jsonl');
    const line = (what: object) => JSON.stringify({ app: 'app-1', at: 1, ...what });
    const event = (type: string) =>
      line({ message: { type: '@xstate.event', sessionId: 'x:0', event: { type } } });
    const definition = JSON.stringify(light.config);
    const actor = line({ message: { type: '@xstate.actor', sessionId: 'x:0', definition } });
    const machine = join(import.meta.dirname, '../inspector/machines.ts#light');
    for (const [gap, steps] of [
      [[], 2],
      [[line({ gap: 3 })], 1],
      [[JSON.stringify({ gap: 3, at: 1 })], 1],
      [[line({ message: { type: '@ixgate.gap', missing: 3 } })], 1],
    ] as const) {
      const lines = [actor, event('xstate.init'), event('NEXT'), ...gap, event('NEXT')];
      await writeFile(record, `${lines.join('\n')}\n`);
      const run = await ixgate(['coverage', '--machine', machine, record, '--json']);
      expect(JSON.parse(run.stdout)).toMatchObject({ sessions: 1, steps });
    }
    await writeFile(record, `${actor}\n{"x":1}\n${event('NEXT')}\n`);
    expect(await ixgate(['coverage', '--machine', machine, record])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /gap.jsonl:2: .* is unknown; expected a line of ixgate inspector/,
      ),
    });
  });

  it.each([
    [['--listen', 'http://0.0.0.0:0'], 2, /option listen: expected a token/],
    [['--listen', '127.0.0.1'], 2, /option listen: expected http:\/\/host:port/],
    [['--token', 'x'], 2, /option token: expected 16 to 512/],
    [
      ['--record', '/no/such/x.jsonl'],
      2,
      /x.jsonl: it cannot be written: the folder does not exist/,
    ],
    [['--record', '/proc/version'], 2, /the file exists already. Choose another name/],
  ])('rejects %j', async (args, code, problem) => {
    const run = await ixgate(['inspector', ...anyPort, ...args]);
    expect(run).toEqual({ code, stdout: '', stderr: expect.stringMatching(problem) });
    expect(run.stderr.trimEnd().split('\n').length).toBe(1);
  });

  it('tells that its port is in use, with the exit code of such errors', async () => {
    await using first = new Command(['inspector', ...anyPort, '--json']);
    const { url } = await first.event('listening');
    const run = await ixgate(['inspector', '--listen', String(url)]);
    expect(run).toMatchObject({ code: 5, stderr: expect.stringContaining('the port is taken') });
  });
});
