import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { Command, ixgate, serving } from './in-process.js';
import { program, Running, serving as servingProcess } from './ixgate.js';

const anywhere = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'];

describe('a gate for people', () => {
  test('prints where everything is and three commands to try, which work as they stand', async () => {
    await using running = new Command([
      'serve',
      ...anywhere,
      '--listen',
      'ws://127.0.0.1:0',
      '--rejection-timeout',
      '300ms',
      '--log-format',
      'pretty',
    ]);
    const lines: string[] = [];
    while (!lines.at(-1)?.includes('figures run')) lines.push(await running.line());
    const text = lines.join('\n');
    expect(text).toMatch(
      /^ixgate \d+\.\d+\.\d+\n {2}watch {4}http:\/\/127\.0\.0\.1:\d+\/\n {2}clients {2}tcp:\/\/127\.0\.0\.1:\d+\n/,
    );
    expect(text).toMatch(/\n {2}clients {2}ws:\/\/127\.0\.0\.1:\d+\n/);
    expect(text).toMatch(
      /\n {2}admin {4}http:\/\/127\.0\.0\.1:\d+ {2}\(\/healthz \/readyz \/metrics \/sessions\)\n/,
    );
    expect(text).toContain(
      'any name may register; registration timeout 10.0 s, after a refusal 300 ms',
    );

    const [piped = '', register = '', figures = ''] = lines.slice(-3).map((line) => line.trim());
    const shell = promisify(execFile);
    // nc may not be there: what it would be given, and where, is what counts.
    const [, print = '', host, port] = /^(printf .*) \| nc (\S+) (\d+)$/.exec(piped) ?? [];
    const { stdout: said } = await shell('sh', ['-c', print]);
    await using client = await lineClient(Number(port), host);
    expect(await client.ask(said)).toEqual({ messageName: 'EventAck', referenceId: 1 });

    const asTyped = (command: string) =>
      shell('sh', ['-c', command.replace('npx ixgate', `'${process.execPath}' '${program}'`)]);
    expect((await asTyped(register)).stdout).toMatch(/^registered at tcp:/);
    expect((await asTyped(figures)).stdout).toMatch(/\n4 of 4 passed\n$/);
  });

  test('writes a line for each thing a session comes to', async () => {
    await using running = new Command(['serve', ...anywhere, '--log-format', 'pretty']);
    let line = '';
    while (!line.includes('tcp://')) line = await running.line();
    const port = Number(/:(\d+)$/.exec(line)?.[1]);
    while (!line.includes('figures run')) line = await running.line();
    await running.line();
    await using client = await lineClient(port);
    await client.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    expect(await running.line()).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: refused \(no name\) tcp 127\.0\.0\.1:\d+: 1 not-registered: client is not registered: /,
    );
    await client.ask(registerRequest({ clientName: 'desk\u001b[2J' }));
    expect(await running.line()).toMatch(
      /INFO: registered desk\\u\{1b\}\[2J \(AgentApplication\) tcp 127\.0\.0\.1:\d+ after \d+ ms$/,
    );
    client.socket.end();
    expect(await running.line()).toMatch(/INFO: disconnected desk.* after \d+ ms: peer-closed$/);
  });
});

describe('a gate for machines', () => {
  test('writes one JSON object a line, with code and text of a refusal and reason and time of an end', async () => {
    await using gate = await serving(['--rejection-timeout', '100ms']);
    expect(JSON.parse(gate.stdout)).toMatchObject({
      level: 'info',
      endpoints: [gate.endpoint],
      admin: null,
      try: [
        expect.stringMatching(/^printf .* \| nc 127\.0\.0\.1 \d+$/),
        `npx ixgate register ${gate.endpoint} --name desk-1 --type AgentApplication`,
        `npx ixgate figures run --against ${gate.endpoint}`,
      ],
    });
    await using client = await lineClient(gate.port);
    await client.ask(registerRequest({ clientType: 'Agent' }));
    expect(await gate.event('refused')).toMatchObject({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      clientName: 'desk-1',
      scheme: 'tcp',
      remoteAddress: '127.0.0.1',
      errorCode: 3,
      errorName: 'malformed-request',
      errorDescription: expect.stringContaining('clientType must be one of'),
    });
    const ended = await gate.event('disconnected');
    expect(ended).toMatchObject({ clientName: 'desk-1', reason: 'rejection-timeout' });
    expect(ended.durationMs).toBeGreaterThanOrEqual(99);
  });

  test('nothing of a session is written but who it is: no extension, no attribute of a request', async () => {
    await using gate = await serving(['--log-level', 'trace']);
    await using client = await lineClient(gate.port);
    await client.ask(registerRequest({ extension: { pin: 'secret-1' } }));
    await client.ask({ messageName: 'RequestAgentLogin', referenceId: 2, password: 'secret-2' });
    client.socket.end();
    await gate.event('disconnected');
    expect(gate.stdout).not.toContain('secret');
  });

  test('a registered proxy carries other clients with --proxy-clients, in one process and in workers', async () => {
    const args = [...anywhere, '--proxy-clients', '1'];
    for (const start of [() => serving(args), () => servingProcess([...args, '--workers', '2'])]) {
      await using gate = await start();
      await using proxy = await lineClient(gate.port);
      await proxy.ask(registerRequest({ clientType: 'Proxy' }));
      const agent = registerRequest({ clientName: 'agent', proxyClientId: 5, referenceId: 2 });
      expect(await proxy.ask(agent)).toMatchObject({ messageName: 'EventAck', proxyClientId: 5 });
      expect(await proxy.ask({ ...agent, proxyClientId: 6 })).toMatchObject({ errorCode: 6 });
      const listed = () => fetch(`${gate.admin}/sessions`).then((answer) => answer.json());
      await expect
        .poll(async () => (await listed()).sessions)
        .toMatchObject([
          { carrier: null, clientName: 'desk-1' },
          { carrier: expect.any(String), clientName: 'agent', proxyClientId: 5 },
        ]);
      const { sessions } = await listed();
      expect(sessions[1].carrier).toBe(sessions[0].id);
    }
  });

  test('requests of registered clients are answered with EventAck, or with --answer none not at all', async () => {
    const login = { messageName: 'RequestAgentLogin', referenceId: 2 };
    await using acking = await serving();
    await using client = await lineClient(acking.port);
    await client.ask(registerRequest());
    expect(await client.ask(login)).toEqual({ messageName: 'EventAck', referenceId: 2 });
    await using silent = await serving(['--answer', 'none']);
    await using other = await lineClient(silent.port);
    await other.ask(registerRequest());
    other.say(login);
    // The answer to what comes after is the next thing that is heard.
    expect(await other.ask(registerRequest({ referenceId: 3 }))).toMatchObject({
      messageName: 'EventError',
      referenceId: 3,
    });
  });

  test('configuration from the file, the environment and flags is in force', async () => {
    await using folder = await temporaryFolder();
    const config = 'errorCodes:\n  not-registered: 101\nmaxFrame: 128B\nadmin: off\n';
    await writeFile(join(folder.path, 'ixgate.config.yaml'), config);
    await using gate = await serving(['--admin', 'http://127.0.0.1:0'], {
      cwd: folder.path,
      env: { IXGATE_MAX_FRAME: '256B' },
    });
    expect(gate.admin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await using client = await lineClient(gate.port);
    expect(await client.ask({ messageName: 'X', padding: 'x'.repeat(150) })).toMatchObject({
      errorCode: 101,
    });
    expect(await client.ask({ messageName: 'X', padding: 'x'.repeat(256) })).toMatchObject({
      errorCode: 5,
    });
    const { sessions } = await fetch(`${gate.admin}/sessions`).then((answer) => answer.json());
    expect(sessions).toBeInstanceOf(Array);
  });

  test('T55: with 1,024 descriptors, 1,100 silent connections to the admin port keep out neither clients nor health checks', async () => {
    const token = 'a-token-of-some-length';
    const args = ['--admin', 'http://127.0.0.1:0', '--admin-token', token];
    await using gate = await servingProcess(args, { ulimit: '-n 1024' });
    const port = Number(new URL(gate.admin).port);
    const silent = Array.from({ length: 1_100 }, () => connect(port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => {});
    await Promise.all(silent.map((socket) => once(socket.resume(), 'connect')));
    // The gate has taken as many as it takes, and closed the others.
    await expect
      .poll(() => silent.filter(({ readableEnded }) => readableEnded).length)
      .toBeGreaterThan(1_100 - 1_024);
    const start = performance.now();
    await using client = await lineClient(gate.port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect((await fetch(`${gate.admin}/healthz`)).status).toBe(200);
    for (const socket of silent) socket.destroy();
  });

  test('T93: with too few descriptors it works, or says what to do', async () => {
    for (const ulimit of ['-n 40', '-n 64']) {
      await using ran = new Running(['serve', '--print-config', '--json'], { ulimit });
      const code = await ran.ended;
      if (code === 0) continue;
      expect(code).toBe(2);
      expect(JSON.parse(ran.stderr)).toEqual({
        error: {
          code: 'TOO_MANY_FILES',
          message: 'too many files are open (EMFILE). Raise the limit: ulimit -n 1024',
        },
      });
    }
  });

  test('the list of clients is followed, and kept when the new one is wrong', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'clients.json');
    const replace = async (content: unknown) => {
      await writeFile(`${path}.new`, JSON.stringify(content));
      await rename(`${path}.new`, path);
    };
    await replace({ clients: [{ name: 'desk-1', cap: 1 }] });
    await using gate = await serving(['--clients', 'clients.json'], { cwd: folder.path });
    await using one = await lineClient(gate.port);
    expect(await one.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await using two = await lineClient(gate.port);
    expect(await two.ask(registerRequest())).toMatchObject({ messageName: 'EventError' });
    await replace({ clients: [{ name: 'desk-2' }] });
    expect(await gate.event('clients-reloaded')).toMatchObject({ entries: 1 });
    await replace({ clients: 'all' });
    expect(await gate.event('clients-reload-failed')).toMatchObject({
      level: 'error',
      msg: expect.stringMatching(/clients\.json:1: clients is "all"; allowed: /),
    });
    const desk2 = registerRequest({ clientName: 'desk-2' });
    expect(await two.ask(desk2)).toMatchObject({ messageName: 'EventAck' });
  });
});

describe('ending', () => {
  test('SIGTERM: clients are notified, registered ones have time to disconnect, readyz is 503, exit 0', async () => {
    await using gate = await servingProcess(['--drain', '10s', '--admin', 'http://127.0.0.1:0']);
    await using registered = await lineClient(gate.port);
    await registered.ask(registerRequest());
    await using other = await lineClient(gate.port);
    await other.ask({ messageName: 'X' });
    gate.kill('SIGTERM');
    const told = { messageName: 'EventError', referenceId: null, errorCode: 7 };
    expect(await registered.next()).toMatchObject(told);
    expect(await other.next()).toMatchObject(told);
    await other.ended;
    expect((await fetch(`${gate.admin}/readyz`)).status).toBe(503);
    await expect(lineClient(gate.port)).rejects.toThrow('ECONNREFUSED');
    // Still registered, still answered.
    expect(await registered.ask({ messageName: 'Y', referenceId: 9 })).toMatchObject({
      referenceId: 9,
    });
    registered.socket.end();
    expect(await gate.ended).toBe(0);
    expect(gate.stdout).toContain('"event":"stopped"');
    expect(gate.stderr).toBe('');
  });

  test('SIGINT: who does not leave is disconnected when --drain is over', async () => {
    await using gate = await serving(['--drain', '150ms']);
    await using client = await lineClient(gate.port);
    await client.ask(registerRequest());
    gate.kill('SIGINT');
    expect(await client.next()).toMatchObject({ errorCode: 7 });
    await client.ended;
    expect(await gate.event('disconnected')).toMatchObject({ reason: 'drained' });
    client.socket.end();
    expect(await gate.ended).toBe(0);
  });

  test('a second signal ends it now, with 130; two at once are one, as npm and a terminal send them', async () => {
    await using gate = await servingProcess(['--drain', '1h']);
    await using client = await lineClient(gate.port);
    await client.ask(registerRequest());
    gate.kill('SIGINT');
    // Another one, because the system makes one of two pending signals of a kind.
    gate.kill('SIGTERM');
    await gate.event('draining');
    expect(await client.next()).toMatchObject({ errorCode: 7 });
    expect(await client.ask({ messageName: 'Y', referenceId: 9 })).toMatchObject({
      referenceId: 9,
    });
    const again = setInterval(() => gate.kill('SIGTERM'), 50);
    const code = await gate.ended;
    clearInterval(again);
    expect(code).toBe(130);
  });

  test('a reader of the log that goes away does not end the gate', async () => {
    await using gate = await servingProcess();
    gate.child.stdout?.destroy();
    for (let round = 0; round < 3; round += 1) {
      await using client = await lineClient(gate.port);
      expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      client.socket.end();
      await client.ended;
    }
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stderr).toBe('');
  });
});

describe('a gate that cannot listen prints one line and exits with 5', () => {
  test('because the port is taken, for clients or for the admin', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const problem = 'the port is taken. Stop what listens there, or choose another port';
    for (const scheme of ['tcp', 'ws']) {
      const endpoint = `${scheme}://127.0.0.1:${port}`;
      expect(await ixgate(['serve', '--listen', endpoint, '--admin', 'off'])).toEqual({
        code: 5,
        stdout: '',
        stderr: `ixgate: cannot listen on ${endpoint}: ${problem}\n`,
      });
    }
    const admin = `http://127.0.0.1:${port}`;
    expect(await ixgate(['serve', '--listen', 'tcp://127.0.0.1:0', '--admin', admin])).toEqual({
      code: 5,
      stdout: '',
      stderr: `ixgate: cannot listen on ${admin}: ${problem}\n`,
    });
    const endpoint = `tcp://127.0.0.1:${port}`;
    const machine = await ixgate(['serve', '--listen', endpoint, '--admin', 'off', '--json']);
    expect(JSON.parse(machine.stderr)).toEqual({
      error: { code: 'LISTEN_FAILED', message: `cannot listen on ${endpoint}: ${problem}` },
    });
    taken.close();
  });

  test('because the address is not of this machine', async () => {
    const endpoint = 'tcp://192.0.2.1:7004';
    expect(await ixgate(['serve', '--listen', endpoint, '--admin', 'off'])).toEqual({
      code: 5,
      stdout: '',
      stderr: `ixgate: cannot listen on ${endpoint}: this machine has no such address\n`,
    });
  });
});

describe('--drain-delay', () => {
  const args = ['--admin', 'http://127.0.0.1:0', '--drain', '0ms'];

  test('T51: the gate is not ready first, and still registers clients; then it drains', async () => {
    await using gate = await serving([...args, '--drain-delay', '2s']);
    expect((await fetch(`${gate.admin}/readyz`)).status).toBe(200);
    gate.kill('SIGTERM');
    await gate.event('drain-delayed');
    const ready = await fetch(`${gate.admin}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', reason: 'the gate is shutting down' },
    ]);
    await using client = await lineClient(gate.port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    await gate.event('draining');
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    expect(await gate.ended).toBe(0);
  });

  test('T51: a second signal ends the gate at once', async () => {
    await using gate = await serving([...args, '--drain-delay', '1h']);
    gate.kill('SIGTERM');
    await gate.event('drain-delayed');
    // Signals within 200 ms of the first count as the same one.
    const again = setInterval(() => gate.kill('SIGTERM'), 50);
    expect(await gate.ended).toBe(130);
    clearInterval(again);
  });
});

describe('--print-config', () => {
  test('prints every option with its value and where it came from, and ends', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'ixgate.config.yaml'), 'drain: 1s\n');
    const ran = await ixgate(['serve', '--print-config', '--max-frame', '1KiB'], {
      cwd: folder.path,
      env: { IXGATE_VALIDATOR: 'https://gate:secret@host/' },
    });
    expect(ran.code).toBe(0);
    const rows = ran.stdout.split('\n').map((row) => row.split(/ {2,}| (?=default$|--|IXGATE)/));
    expect(rows).toContainEqual(['registrationTimeout', '10s', 'default']);
    expect(rows).toContainEqual(['drain', '1s', 'ixgate.config.yaml:1']);
    expect(rows).toContainEqual(['maxFrame', '1KiB', '--max-frame']);
    expect(rows).toContainEqual(['validator', 'https://***@host/', 'IXGATE_VALIDATOR']);
    const machine = await ixgate(['serve', '--print-config', '--json']);
    expect(JSON.parse(machine.stdout)).toMatchObject({
      listen: { value: ['tcp://127.0.0.1:7004', 'ws://127.0.0.1:7005'], from: 'default' },
      clients: { value: null, from: 'default' },
    });
  });

  test('a switch that the file sets can be taken back by a flag', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'ixgate.config.yaml'), 'certificateName: true\n');
    const args = ['serve', '--print-config', '--json', '--no-certificate-name'];
    const { stdout } = await ixgate(args, { cwd: folder.path });
    expect(JSON.parse(stdout).certificateName).toEqual({
      value: false,
      from: '--certificate-name',
    });
  });
});
