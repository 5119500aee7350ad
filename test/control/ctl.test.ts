import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Command } from '../cli/in-process.js';
import { controlled } from '../support/controlled.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { RawWebSocket } from '../support/raw-web-socket.js';

const login = { messageName: 'RequestAgentLogin', referenceId: 5 };
const acknowledged = { messageName: 'EventAck', referenceId: 5 };

describe('status and sessions', () => {
  test('show the state of the gate, for people and as JSON', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { code, stdout } = await it.ctl('status');
    expect(stdout).toContain('clients     1 registered, 0 unregistered, 1 connections');
    expect(code).toBe(0);
    expect(await it.json('status')).toMatchObject({
      ...{ state: 'running', notReady: null, registered: 1, accepted: 1 },
      service: { control: it.control, logLevel: { level: 'info', configured: 'info' }, bans: 0 },
    });
  });

  test('select sessions by conditions, all of which must hold', async () => {
    await using it = await controlled();
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    await using other = await lineClient(it.gate.port);
    await other.ask(registerRequest({ clientName: 'media-1', clientType: 'MediaServer' }));
    await using silent = await lineClient(it.gate.port);
    const names = async (...conditions: string[]) => {
      const where = conditions.flatMap((one) => ['--where', one]);
      const { sessions } = await it.json('sessions', ...where);
      return (sessions as { clientName: string | null }[]).map(({ clientName }) => clientName);
    };
    await expect.poll(() => names()).toEqual(['desk-1', 'media-1', null]);
    expect(await names('client~DESK')).toEqual(['desk-1']);
    expect(await names('state=registered', 'clientType!=MediaServer')).toEqual(['desk-1']);
    expect(await names('client=null')).toEqual([null]);
    expect(await names('deadline<1h')).toEqual([null]);
    expect(await names('age>1h')).toEqual([]);
    expect(await names(`remotePort=${silent.socket.localPort}`)).toEqual([null]);
    expect(await names('connectedAt>2026-01-01', 'registeredAt!=null')).toEqual([
      'desk-1',
      'media-1',
    ]);
    const { stdout } = await it.ctl('sessions', '--limit', '1');
    expect(stdout.split('\n')).toMatchObject([
      expect.stringMatching(/^ID +CLIENT +TYPE +STATE +FROM +AGE +DEADLINE +ERRORS$/),
      expect.stringMatching(/^\S+ +desk-1 +AgentApplication +registered +tcp 127\.0\.0\.1:\d+ /),
      'and 2 more; see --limit',
      '',
    ]);
  });

  test('show control characters of names by their code points', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest({ clientName: 'desk\u001b[2J' }));
    const { stdout } = await it.ctl('sessions');
    expect(stdout).toContain('desk\\u{1b}[2J');
    expect(stdout).not.toContain('\u001b');
  });

  test('show one session', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest({ mediaType: 'chat' }));
    const { sessions } = await it.json('sessions');
    const [session] = sessions as { id: string }[];
    expect(await it.json('show', session?.id ?? '')).toMatchObject({ mediaType: 'chat' });
    const { stdout } = await it.ctl('show', session?.id ?? '');
    expect(stdout).toMatch(/^ {2}mediaType +chat$/m);
    expect(stdout).toMatch(/^ {2}registeredAt +\d{4}-\d\d-\d\dT/m);
  });
});

describe('kick', () => {
  test('disconnects registered and unregistered clients with their own error and reason', async () => {
    await using it = await controlled();
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    await using silent = await lineClient(it.gate.port);
    await using stays = await lineClient(it.gate.port);
    await stays.ask(registerRequest({ clientName: 'stays' }));
    const words = ['--reason', 'update', '--retry-after', '30s', '--where', 'client!=stays'];
    await expect.poll(async () => (await it.json('kick', ...words, '--dry-run')).wouldKick).toBe(2);
    const kicked = { messageName: 'EventError', referenceId: null, errorCode: 14 };
    expect(await it.json('kick', ...words)).toMatchObject({ kicked: 2, banned: [] });
    for (const client of [desk, silent]) {
      expect(await client.next()).toEqual({
        ...kicked,
        errorDescription: 'disconnected by an operator: update',
        retryAfter: 30_000,
      });
      expect(await client.next()).toBeNull();
    }
    const ends = [await it.gate.event('disconnected'), await it.gate.event('disconnected')];
    expect(ends).toMatchObject([
      { reason: 'kicked', clientName: 'desk-1' },
      { reason: 'kicked', clientName: null, error: 'disconnected by an operator: update' },
    ]);
    expect(await stays.ask(login)).toEqual(acknowledged);
  });

  test('takes ids, goes on after an unknown one, and reports it', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    const { sessions } = await it.json('sessions');
    const [session] = sessions as { id: string }[];
    const { code, stdout, stderr } = await it.ctl('kick', 'nothing-1', session?.id ?? '');
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'kicked: 1\n' });
    expect(stderr).toContain('refused: unknown session "nothing-1"');
    expect(await client.next()).toMatchObject({ errorCode: 14 });
  });

  test('can ban the addresses of the clients', async () => {
    await using it = await controlled();
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    expect(await it.json('kick', '--where', 'client=desk-1', '--ban', '10m')).toMatchObject({
      banned: ['127.0.0.1'],
    });
    await using again = await lineClient(it.gate.port);
    expect(await again.next()).toMatchObject({
      errorCode: 6,
      errorDescription: 'the address is banned',
    });
  });
});

describe('drain and resume', () => {
  test('reject new clients, keep the others, and lose no session', async () => {
    const listen = ['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'];
    await using it = await controlled([...listen, '--admin', 'http://127.0.0.1:0']);
    const port = (index: number) => Number(/:(\d+)$/.exec(it.gate.endpoints[index] ?? '')?.[1]);
    const ready = async () => {
      const answer = await fetch(`${it.gate.admin}/readyz`);
      return [answer.status, ((await answer.json()) as { reason?: string }).reason];
    };
    await using desk = await lineClient(port(0));
    await desk.ask(registerRequest());
    await using early = await lineClient(port(0));
    await expect.poll(async () => (await it.json('status')).open).toBe(2);
    expect((await it.ctl('drain')).stdout).toBe('the gate is draining; 2 connections are left\n');
    expect(await ready()).toEqual([503, 'the gate is draining']);
    expect(await it.json('status')).toMatchObject({ state: 'draining' });
    await using late = await lineClient(port(0));
    expect(await late.next()).toMatchObject({
      errorCode: 7,
      errorDescription: 'the gate is draining',
    });
    expect(await late.next()).toBeNull();
    await using page = new RawWebSocket(port(1));
    await page.until(() => page.head !== '');
    expect(page.status).toBe(503);
    // Clients that are there stay, and those that have not registered may.
    expect(await desk.ask(login)).toEqual(acknowledged);
    expect(await early.ask(registerRequest({ clientName: 'early' }))).toMatchObject({
      messageName: 'EventAck',
    });
    expect((await it.ctl('resume')).stdout).toBe('the gate accepts connections\n');
    expect(await ready()).toEqual([200, undefined]);
    await using next = await lineClient(port(0));
    expect(await next.ask(registerRequest({ clientName: 'next' }))).toMatchObject({
      messageName: 'EventAck',
    });
    expect(await desk.ask(login)).toEqual(acknowledged);
  });

  test('drain --wait ends when no client is left, and SIGTERM works as before', async () => {
    await using it = await controlled();
    const desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    await using drain = new Command(['ctl', 'drain', '--wait', '--control', it.control]);
    expect(await drain.line()).toBe('the gate is draining; 1 connection is left');
    await desk[Symbol.asyncDispose]();
    expect(await drain.line()).toBe('0 connections are left');
    expect(await drain.ended).toBe(0);
    it.gate.kill('SIGTERM');
    expect(await it.gate.ended).toBe(0);
  });

  test('drain --wait ends with 3 when the drain is taken back', async () => {
    await using it = await controlled();
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    await using drain = new Command(['ctl', 'drain', '--wait', '--control', it.control]);
    await drain.line();
    await it.ctl('resume');
    expect(await drain.ended).toBe(3);
    expect(drain.stderr).toContain('the drain was taken back meanwhile');
  });
});

describe('set, unset and reload', () => {
  test('set options until they are unset, over flags and files, also after a reload', async () => {
    await using it = await controlled(['--max-errors', '5']);
    const configured = async (key: string) => {
      const { value } = await it.ask('/config');
      const options = value.options as { key: string; value: unknown; from: string }[];
      const found = options.find((one) => one.key === key);
      return [found?.value, found?.from];
    };
    expect((await it.ctl('set', 'maxErrors=1', 'exempt=10.0.0.0/8,::1')).stdout).toBe(
      'set: exempt is ["10.0.0.0/8","::1"], was ["127.0.0.0/8","::1/128"]; maxErrors is 1, was 5\n',
    );
    expect(await configured('maxErrors')).toEqual(['1', 'ctl']);
    expect(await it.json('status')).toMatchObject({
      service: { overrides: { maxErrors: '1', exempt: ['10.0.0.0/8', '::1'] } },
    });
    await using client = await lineClient(it.gate.port);
    expect(await client.ask(login)).toMatchObject({ errorCode: 1 });
    expect(await client.next()).toBeNull();
    expect((await it.ctl('reload')).stdout).toBe('reloaded: no changes\n');
    expect(await configured('maxErrors')).toEqual(['1', 'ctl']);
    await it.ctl('unset', 'maxErrors', 'exempt');
    expect(await configured('maxErrors')).toEqual(['5', '--max-errors']);
    // A value may be as in the configuration file, too.
    await it.ask('/config', { method: 'PATCH', body: { errorCodes: { kicked: 114 } } });
    expect(await configured('errorCodes')).toEqual([{ kicked: 114 }, 'ctl']);
  });

  test('reload reads the configuration and the list of clients, as SIGHUP does', async () => {
    await using it = await controlled();
    await writeFile(join(it.folder, 'ixgate.config.json'), '{"control": 1}');
    const before = await it.ctl('reload');
    expect(before).toMatchObject({ code: 2, stdout: '' });
    expect(before.stderr).toContain('ixgate.config.json');
    await writeFile(join(it.folder, 'ixgate.config.json'), '{"drain": "7s", "workers": 2}');
    expect((await it.ctl('reload')).stdout).toBe(
      'reloaded: drain is 7s, was 5s; needs a restart: workers\n',
    );
  });
});

describe('log-level', () => {
  test('holds until the configured level changes', async () => {
    await using it = await controlled();
    const file = join(it.folder, 'ixgate.config.json');
    expect((await it.ctl('log-level')).stdout).toBe('info\n');
    expect((await it.ctl('log-level', 'error')).stdout).toBe('error (configured: info)\n');
    const before = it.gate.stdout;
    await using quiet = await lineClient(it.gate.port);
    await quiet.ask(registerRequest());
    await it.ctl('reload');
    expect((await it.ctl('log-level')).stdout).toBe('error (configured: info)\n');
    expect(it.gate.stdout.slice(before.length)).not.toContain('"event":"registered"');
    await writeFile(file, '{"logLevel": "warn"}');
    await it.ctl('reload');
    expect((await it.ctl('log-level')).stdout).toBe('warn\n');
  });
});

describe('ban, unban, bans and penalties', () => {
  test('a ban rejects new connections for its time, also of an exempt address; others stay', async () => {
    await using it = await controlled();
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    expect((await it.ctl('ban', '127.0.0.0/30', '--for', '10m')).stdout).toBe(
      '127.0.0.0/30  banned for 10 min 0 s\n',
    );
    await using banned = await lineClient(it.gate.port);
    const rejection = await banned.next();
    expect(rejection).toMatchObject({ errorCode: 6, errorDescription: 'the address is banned' });
    expect(rejection?.retryAfter).toBeGreaterThan(590_000);
    expect(await it.gate.event('connection-rejected')).toMatchObject({ reason: 'banned' });
    expect(await it.json('status')).toMatchObject({ rejected: { banned: 1 } });
    expect(await desk.ask(login)).toEqual(acknowledged);
    expect((await it.ctl('bans')).stdout).toMatch(
      /^127\.0\.0\.0\/30 {2}banned for (10 min 0|9 min \d+) s\n$/,
    );
    await it.ctl('unban', '127.0.0.1/30');
    expect((await it.ctl('bans')).stdout).toBe('no bans\n');
    await using back = await lineClient(it.gate.port);
    expect(await back.ask(registerRequest({ clientName: 'back' }))).toMatchObject({
      messageName: 'EventAck',
    });
  });

  test('a ban with --kick ends its clients, too', async () => {
    await using it = await controlled();
    await using desk = await lineClient(it.gate.port);
    await desk.ask(registerRequest());
    const { stdout } = await it.ctl('ban', '127.0.0.1', '--for', 'forever', '--kick');
    expect(stdout).toBe('127.0.0.1  banned until the gate stops; clients kicked: 1\n');
    expect(await desk.next()).toMatchObject({
      errorCode: 14,
      errorDescription: 'disconnected by an operator: the address is banned',
    });
  });

  test('penalties are listed, and cleared one by one or all', async () => {
    await using it = await controlled(['--exempt', 'none', '--max-errors', '1']);
    const offend = async () => {
      await using client = await lineClient(it.gate.port);
      client.say('{]\n');
      await client.ended;
    };
    const listed = async () => (await it.json('penalties')).penalties as Record<string, unknown>[];
    await offend();
    await expect.poll(listed).toMatchObject([{ source: '127.0.0.1' }]);
    expect((await it.ctl('penalties')).stdout).toMatch(/^127\.0\.0\.1 {2}(not yet )?rejected, /);
    expect((await it.ctl('penalties', '--clear', '192.0.2.1')).stdout).toBe(
      'penalties cleared: 0\n',
    );
    expect((await it.ctl('penalties', '--clear', '127.0.0.1')).stdout).toBe(
      'penalties cleared: 1\n',
    );
    expect((await it.ctl('penalties')).stdout).toBe('no penalties\n');
    await offend();
    await expect.poll(listed).toHaveLength(1);
    expect((await it.ctl('penalties', '--clear', 'all')).stdout).toBe('penalties cleared: 1\n');
  });
});

describe('the log', () => {
  test('has one line for everything done or tried, with who did it, at any level and without values', async () => {
    await using it = await controlled(['--log-level', 'silent']);
    await it.ctl('set', 'validator=http://user:secret-word@127.0.0.1:1/');
    await it.ctl('kick', '--where', 'client=none');
    await it.ctl('unban', '192.0.2.1');
    await it.ctl('drain');
    const told: unknown[] = [];
    for (const _ of [1, 2, 3, 4]) told.push(await it.gate.event('control'));
    expect(told).toMatchObject([
      {
        ...{ action: 'set', arguments: { options: ['validator'] }, outcome: 'done', audit: true },
        ...{ by: { via: 'control-socket', user: expect.stringMatching(/./) } },
      },
      { action: 'kick', arguments: { where: ['client=none'] }, result: { kicked: 0 } },
      { action: 'unban', outcome: 'failed', problem: expect.stringContaining('is not banned') },
      { action: 'drain', outcome: 'done' },
    ]);
    expect(it.gate.stdout).not.toContain('secret-word');
  });
});
