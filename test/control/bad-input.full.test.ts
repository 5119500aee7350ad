import { once } from 'node:events';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ControlClient } from '../../adapters/control/client.js';
import { Command, ixgate } from '../cli/in-process.js';
import { ixgate as ixgateProcess, serving as servingProcess } from '../cli/ixgate.js';
import { controlled } from '../support/controlled.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

/** A server that is not a gate. @returns its address */
async function other(answer: (path: string) => [status: number, body: string] | null) {
  const server = createHttpServer((request, response) => {
    const given = answer(request.url ?? '');
    if (given) response.writeHead(given[0]).end(given[1]);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  server.on('close', () => server.closeAllConnections());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const status = (...words: string[]) => ixgate(['ctl', 'status', ...words]);

describe('a gate that cannot be reached', () => {
  test('no socket: 5, and how to get one', async () => {
    const { code, stderr, stdout } = await status('--control', 'unix:///nowhere/ctl');
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toBe(
      'ixgate: unix:///nowhere/ctl does not exist: start the gate with --control unix:///nowhere/ctl, or name another socket\n',
    );
  });

  test('nothing listens on the socket, or on the admin port: 5', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'dead');
    // A process that dies leaves the file behind.
    await runNode([
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    const dead = await status('--control', `unix://${path}`);
    expect(dead.code).toBe(5);
    expect(dead.stderr).toContain(`no gate listens at unix://${path}: start one with ixgate serve`);
    const closed = await status('--admin', 'http://127.0.0.1:1');
    expect(closed).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no gate listens at'),
    });
  });

  test.skipIf(process.getuid?.() !== 0)(
    'no permission for the socket: 5, and who has it',
    async () => {
      await using it = await controlled();
      await chmod(it.folder, 0o755);
      expect((await stat(it.socketPath)).mode & 0o777).toBe(0o600);
      // Another user: the test runs as root, which may open any socket.
      const script = `process.setgid(65534); process.setuid(65534);
      const { ControlClient } = await import(${JSON.stringify(new URL('../../dist/adapters/control/client.js', import.meta.url).href)});
      const client = new ControlClient({ target: { socketPath: ${JSON.stringify(it.socketPath)} }, timeout: 5000 });
      await client.ask('GET', '/status').catch((error) => console.log(error.code, error.message));`;
      const { stdout } = await runNode(['--input-type=module', '-e', script]);
      expect(stdout).toBe(
        `CONTROL_UNREACHABLE no permission for ${it.control}: run ixgate ctl as the user of the gate, or as root\n`,
      );
    },
  );

  test('a gate that hangs: 4 after --timeout', async () => {
    const url = await other(() => null);
    expect(await status('--admin', url, '--timeout', '50ms')).toMatchObject({
      code: 4,
      stderr: `ixgate: ${url} did not answer within 50 ms; allow more time with --timeout\n`,
    });
  });

  /** A server that begins an answer and does not end it. */
  async function unfinished() {
    let began: () => void = () => {};
    const begun = new Promise<void>((done) => {
      began = done;
    });
    const server = createHttpServer((_request, response) => {
      response.writeHead(200).write('{', began);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    server.on('close', () => server.closeAllConnections());
    return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, begun };
  }

  test('a gate that hangs within its answer: 4 after --timeout', async () => {
    const { url } = await unfinished();
    expect(await status('--admin', url, '--timeout', '50ms')).toMatchObject({
      code: 4,
      stderr: `ixgate: ${url} did not answer within 50 ms; allow more time with --timeout\n`,
    });
  });

  test('Ctrl-C within the answer: 130', async () => {
    const { url, begun } = await unfinished();
    await using command = new Command(['ctl', 'status', '--admin', url]);
    await begun;
    // Until the client has the beginning, it waits for the answer.
    await new Promise((done) => setTimeout(done, 100));
    command.kill('SIGINT');
    expect(await command.ended).toBe(130);
    expect(command.stderr).toBe('ixgate: interrupted by SIGINT\n');
  });

  test.each([
    ['another page', [200, '<html>'], 'answered HTTP 200 and is not a gate'],
    ['a proxy without its gate', [502, 'Bad Gateway'], 'answered HTTP 502 and is not a gate'],
    [
      'an older gate',
      [404, '{"error":{"status":404,"message":"page not found; expected one of /"}}'],
      'has no such control: it is older, or embedded in a service without this control (page not found; ',
    ],
  ] as const)('%s: 5', async (_what, answer, problem) => {
    const url = await other(() => [...answer]);
    const { code, stderr } = await status('--admin', url);
    expect(code).toBe(5);
    expect(stderr).toContain(problem);
  });

  test('a server that does not speak HTTP: 5', async () => {
    const server = createServer((socket) => socket.resume().end('EventAck\n'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    const { port } = server.address() as { port: number };
    const { code, stderr } = await status('--admin', `http://127.0.0.1:${port}`);
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: `ixgate: http://127.0.0.1:${port} does not speak HTTP, so it is not a gate\n`,
    });
  });
});

test('a user whose name a header cannot have is named without those characters', async () => {
  await using it = await controlled();
  const target = { socketPath: it.socketPath };
  const drain = (user: string) =>
    new ControlClient({ target, timeout: 5_000, user }).ask('POST', '/drain');
  await drain('ż-ops');
  expect(await it.gate.event('control')).toMatchObject({ by: { user: '-ops' } });
  await drain('ż');
  expect(await it.gate.event('control')).toMatchObject({ by: { via: 'control-socket' } });
});

describe('a target that is written wrongly: 2', () => {
  test.each([
    [['--control', '/run/ctl'], '--control is "/run/ctl"; allowed: unix:///path'],
    [['--admin', 'localhost:7080'], '--admin is "localhost:7080"; allowed: an http or https URL'],
    [['--control', 'unix:///a', '--admin', 'http://b'], '--control and --admin name two gates'],
    [
      ['--timeout', '5'],
      '--timeout is "5"; allowed: 1ms to 1h, written like 500ms, 5s, 1m or 1h; it has no unit, write 5ms or 5s',
    ],
    [
      ['--admin', 'http://127.0.0.1:1', '--token', '@/nowhere'],
      '--token: /nowhere cannot be read (ENOENT)',
    ],
    [['--admin', 'http://127.0.0.1:1', '--token', 'two words'], 'the token is empty or has blanks'],
  ])('%j', async (words, problem) => {
    const { code, stderr } = await status(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain('two words');
  });

  test('the socket of the variable, of the configuration in the folder, and none', async () => {
    await using it = await controlled();
    const env = { IXGATE_CONTROL: it.control };
    expect(await ixgate(['ctl', 'status'], { env })).toMatchObject({ code: 0 });
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'ixgate.config.json');
    await writeFile(file, JSON.stringify({ control: it.control }));
    expect(await ixgate(['ctl', 'status'], { cwd: folder.path })).toMatchObject({ code: 0 });
    await writeFile(file, JSON.stringify({ admin: 'off' }));
    const { code, stderr } = await ixgate(['ctl', 'status'], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain('the gate of the configuration file has no control and no admin');
  });
});

describe('what the gate refuses', () => {
  test.each<[words: string[], code: number, problem: string]>([
    [['show', 'nothing'], 3, 'refused: unknown session "nothing"'],
    [['show', '../status'], 3, 'refused: unknown session "../status"'],
    [['kick', 'nothing'], 3, 'refused: unknown session "nothing"'],
    [['kick'], 2, "kick needs ids or a condition, e.g. --where 'client~desk-'"],
    [['kick', 'a', '--where', 'age>1'], 2, 'kick takes ids or --where, not both'],
    [
      ['sessions', '--where', 'colour=red'],
      2,
      'ixgate: where asks for "colour"; allowed: id, client, clientType, ',
    ],
    [
      ['sessions', '--where', 'errors>many'],
      2,
      'compares errors with "many"; allowed: a number, or null',
    ],
    [
      ['sessions', '--where', 'age>soon'],
      2,
      'allowed: milliseconds such as 1000, or a duration such as 5s',
    ],
    [['sessions', '--where', 'age'], 2, 'allowed: FIELD OP VALUE with one of != <= >= = < > ~'],
    [['sessions', '--limit', '0'], 2, 'limit is "0"; allowed: a whole number from 1 to 100000'],
    [['sessions', '--watch', '--interval', '1ms'], 2, '--interval is "1ms"; allowed: 100ms to 1h'],
    [
      ['kick', '--where', 'age>0', '--retry-after', '2d'],
      2,
      'retryAfter is "2d"; allowed: 1ms to 1d',
    ],
    [
      ['kick', '--where', 'age>0', '--reason', 'x'.repeat(201)],
      2,
      'allowed: a text of 1 to 200 characters',
    ],
    [['set', 'maxErors=1'], 2, 'unknown option maxErors; did you mean maxErrors?'],
    [['set', 'maxErrors=many'], 2, 'ctl: maxErrors is "many"; allowed: '],
    [['set', 'maxErrors'], 2, 'invalid setting "maxErrors": expected KEY=VALUE, e.g. maxErrors=4'],
    [
      ['set', 'listen=tcp://127.0.0.1:1'],
      2,
      'listen needs a restart: change the configuration file or --listen',
    ],
    [['set', 'adminToken=secret-token-of-a-gate'], 2, 'adminToken needs a restart'],
    [['set', 'proxyProtocol=required'], 2, 'proxyProtocol is required, which needs trustProxy'],
    [['set', 'clients=/nowhere.json'], 2, '/nowhere.json'],
    [['unset', 'nothing'], 2, 'unknown option nothing'],
    [['log-level', 'loud'], 2, 'level is "loud"; allowed: trace, debug, info, warn, error, silent'],
    [['ban', 'desk-1'], 2, 'address is "desk-1"; allowed: an address or a block such as 192.0.2.7'],
    [['ban', '192.0.2.0/33'], 2, 'allowed: an address or a block'],
    [['ban', '192.0.2.7', '--for', 'ever'], 2, 'duration is "ever"; allowed: 1s to 24d'],
    [['unban', '192.0.2.7'], 3, 'refused: 192.0.2.7 is not banned'],
    [['penalties', '--clear', '192.0.2.0/24'], 2, 'allowed: an IPv4 or IPv6 address'],
  ])('%j: %i', async (words, code, problem) => {
    await using it = await controlled();
    const answer = await it.ctl(...words);
    expect(answer.stderr).toContain(problem);
    expect(answer.stdout).toBe('');
    expect(answer.code).toBe(code);
    expect(answer.stderr).not.toContain('secret-token');
  });

  test('bodies and arguments that are something else, one by one', async () => {
    await using it = await controlled();
    const post = async (body: unknown) => {
      const { status, value } = await it.ask('/bans', { method: 'POST', body });
      return `${status} ${(value.error as { message: string }).message}`;
    };
    expect(await post('{"address"')).toMatch(/^400 the body is not JSON: /);
    expect(await post('[]')).toBe('400 the body must be a JSON object with the arguments');
    expect(await post({})).toBe(
      '400 argument address is missing: address or block, e.g. 192.0.2.7 or 192.0.2.0/24',
    );
    expect(await post({ adress: '::1' })).toBe(
      '400 unknown argument "adress"; did you mean address?',
    );
    expect(await post({ address: '::1', kick: 'please' })).toBe(
      '400 kick is "please"; allowed: true or false',
    );
    expect(await post(`{"address": "${'x'.repeat(100_000)}"}`)).toBe(
      '413 the body is larger than 65536 bytes',
    );
    const empty = await it.ask('/config', { method: 'PATCH' });
    expect(empty.status).toBe(400);
    const all = await it.ask('/sessions', { method: 'DELETE' });
    expect(all.value).toMatchObject({
      error: { message: expect.stringMatching(/^argument where is missing/) },
    });
    const problems = [
      ['colour=red', 'where asks for "colour"; allowed: id, client, '],
      ['colour', 'where is "colour"; allowed: FIELD OP VALUE with one of '],
      ['errors>many', 'where compares errors with "many"; allowed: a number, or null'],
      ['connectedAt>soon', 'where connectedAt is "soon"; allowed: 2026-03-02 08:00:01.100, '],
    ] as const;
    for (const [condition, problem] of problems) {
      const { status, value } = await it.ask(`/sessions?where=${encodeURIComponent(condition)}`);
      const { message } = value.error as { message: string };
      expect([status, message.slice(0, problem.length)]).toEqual([400, problem]);
    }
    const many = await it.ask(`/sessions?${'where=age>1&'.repeat(33)}`);
    expect(many.value).toMatchObject({
      error: { message: expect.stringContaining('at most 32 of them') },
    });
    expect((await it.ask('/nothing')).status).toBe(404);
    const put = await it.ask('/sessions', { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD, DELETE']);
  });
});

describe('the socket of a gate', () => {
  test('has mode 600 whatever the umask, and is removed when the gate stops', async () => {
    await using folder = await temporaryFolder();
    const before = process.umask(0);
    try {
      const path = join(folder.path, 'ctl');
      await using gate = await servingProcess(['--control', `unix://${path}`]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      gate.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      process.umask(before);
    }
  });

  test('closes a connection that sends no request within 5 seconds', {
    timeout: 20_000,
  }, async () => {
    await using it = await controlled();
    const socket = connect({ path: it.socketPath });
    socket.on('error', () => {}).resume();
    const start = performance.now();
    socket.write('GET /status HTTP/1.1\r\n');
    await once(socket, 'close');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('of a gate that was killed is replaced', async () => {
    await using folder = await temporaryFolder();
    const control = `unix://${join(folder.path, 'ctl')}`;
    await using killed = await servingProcess(['--control', control]);
    killed.kill('SIGKILL');
    await killed.ended;
    await using next = await servingProcess(['--control', control]);
    expect(await ixgateProcess(['ctl', 'status', '--control', control])).toMatchObject({ code: 0 });
    next.kill('SIGTERM');
    await next.ended;
  });

  test('of a living gate stays its own: a second gate ends with 5 with an error', async () => {
    await using it = await controlled();
    const listen = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'off'];
    const second = await ixgate(['serve', ...listen, '--json', '--control', it.control]);
    expect(second.code).toBe(5);
    expect(JSON.parse(second.stderr)).toEqual({
      error: {
        code: 'CONTROL_IN_USE',
        message: `another gate is controlled through ${it.control}. Stop it, or choose another path with --control`,
      },
    });
    expect(await it.ctl('status')).toMatchObject({ code: 0 });
  });

  test.each([
    ['a folder that does not exist', '/nowhere/ctl', 'LISTEN_FAILED', 5],
    ['another file', 'file', 'LISTEN_FAILED', 5],
    ['a path that is too long', 'x'.repeat(120), 'BAD_ENDPOINT', 2],
  ])('cannot be at %s', async (_what, name, code, exit) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), 'of another program');
    await mkdir(join(folder.path, 'folder'));
    const control = `unix://${name.startsWith('/') ? name : join(folder.path, name)}`;
    const serve = ['serve', '--listen', 'tcp://127.0.0.1:0', '--admin', 'off', '--json'];
    const ended = await ixgate([...serve, '--control', control], { cwd: tmpdir() });
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code } });
    expect(ended.code).toBe(exit);
  });
});
