import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../adapters/runtime/version.js';
import { ixgate, serving } from '../cli/in-process.js';
import { controlled } from '../support/controlled.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { answering } from './answering.js';
import { diagnosedFrom } from './diagnosed.js';

/** Asks a running gate. */
async function asked(address: string, ...more: string[]) {
  const { code, stdout, stderr } = await ixgate([
    'doctor',
    '--json',
    '--against',
    address,
    ...more,
  ]);
  if (stderr !== '') throw new Error(stderr);
  return diagnosedFrom(stdout, code ?? -1);
}

describe('ixgate doctor --against', () => {
  it('finds nothing wrong with a gate that has just started', async () => {
    // A busy machine delays the event loop, and the answer.
    await using it = await controlled(['--max-lag', '1h']);
    const found = await asked(it.control);
    const odd = found.findings.filter(({ severity }) => severity !== 'ok');
    expect(odd.filter(({ text }) => !text.includes('answered after'))).toEqual([]);
    expect(found.code).toBe(0);
    expect(found.of('readiness')[0]?.text).toContain(`at ${it.gate.endpoint}`);
    expect(found.of('version')[0]?.text).toContain(
      `ixgate ${version()} on Node ${process.version}`,
    );
    expect(found.of('room')[0]?.text).toBe('0 connections of at most 16384');
  });

  it('tells why clients were refused, and what to do', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'clients.yaml'), 'clients:\n  - name: desk-1\n');
    await using it = await controlled(['--clients', join(folder.path, 'clients.yaml')]);
    await using good = await lineClient(it.gate.port);
    await good.ask(registerRequest());
    await using unlisted = await lineClient(it.gate.port);
    await unlisted.ask({ ...registerRequest(), clientName: 'unlisted' });
    const found = await asked(it.control);
    const [registered, refused] = found.of('refusals');
    expect(registered?.text).toBe('1 of 2 connections were registered');
    expect(refused).toMatchObject({
      severity: 'warn',
      text: '1 times EventError invalid-client: the validator rejected the client',
      fix: 'add the client to --clients, or look at the log of the web service',
    });
    expect(found.code).toBe(0);
    expect((await asked(it.control, '--strict')).code).toBe(6);
    expect(JSON.stringify(found)).not.toContain('unlisted');
  });

  it('tells which limit was hit, and of rejected connections', async () => {
    await using it = await controlled(['--max-connections', '1']);
    await using one = await lineClient(it.gate.port);
    await one.ask(registerRequest());
    await using two = await lineClient(it.gate.port);
    await two.ended;
    const found = await asked(it.control);
    expect(found.of('rejections')).toMatchObject([
      {
        severity: 'warn',
        text: '1 times max-connections: too many connections',
        fix: expect.stringContaining('raise --max-connections'),
      },
    ]);
    expect(found.of('limits')).toMatchObject([
      { text: '1 times --max-connections: a connection was rejected' },
    ]);
    expect(found.of('room')[0]).toMatchObject({
      severity: 'warn',
      text: '1 of at most 1 connections',
    });
  });

  it('fails for a gate that is not ready, and warns of what was set by hand', async () => {
    await using it = await controlled();
    await it.ctl('drain');
    await it.ctl('set', 'maxErrors=4');
    await it.ctl('log-level', 'debug');
    await it.ctl('ban', '192.0.2.7');
    const found = await asked(it.control);
    expect(found.code).toBe(6);
    expect(found.of('readiness')).toMatchObject([
      {
        severity: 'fail',
        text: expect.stringContaining('not ready: the gate is draining'),
        fix: 'ixgate ctl resume',
      },
    ]);
    expect(found.of('control').map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
      'warn: set by ixgate ctl until the gate stops: maxErrors',
      'warn: the log level is debug instead of info',
      'ok: 1 bans: ixgate ctl bans',
    ]);
  });

  it('takes the address from the configuration', async () => {
    await using it = await controlled();
    const args = ['doctor', '--json', '--control', it.control, '--against'];
    expect((await ixgate(args)).code).toBe(0);
    const none = await ixgate(['doctor', '--admin', 'off', '--against']);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('has neither --control nor --admin');
  });

  it('asks no gate when the configuration that should name it is not valid', async () => {
    const args = ['--against', '--config', '/nowhere/gate.yaml'];
    for (const command of ['doctor', 'config']) {
      const { code, stdout, stderr } = await ixgate([command, ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('/nowhere/gate.yaml: cannot be read: file not found');
    }
  });

  it('never sends the name of a token file that cannot be read', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await answering(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end('hello');
    });
    const args = ['--against', server.url, '--admin-token', '@/nowhere/token-of-the-gate'];
    await ixgate(['doctor', ...args]);
    expect(seen).toEqual([undefined]);
  });

  it('reads the admin port with the token', async () => {
    const token = 'correct-horse-battery-staple';
    await using gate = await serving(['--admin', 'http://127.0.0.1:0', '--admin-token', token]);
    const found = await asked(gate.admin, '--admin-token', token);
    expect(found.code).toBe(0);
    const { code, stderr } = await ixgate(['doctor', '--against', gate.admin]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/token/);
  });

  it('says what is wrong with the address', async () => {
    const missing = await ixgate(['doctor', '--against', 'unix:///nowhere/ctl']);
    expect(missing.code).toBe(5);
    expect(missing.stderr).toContain('unix:///nowhere/ctl does not exist');
    const wrong = await ixgate(['doctor', '--against', 'tcp://127.0.0.1:1']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('allowed: unix:///path or http://host:port');
    const server = createServer((_request, response) => response.end('hello')).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const other = await ixgate(['doctor', '--against', `http://127.0.0.1:${port}`]);
    server.close();
    expect(other.code).toBe(5);
    expect(other.stderr).toContain('is not a gate');
  });
});

describe('ixgate config --against', () => {
  it('refuses --check, which is about the configuration here', async () => {
    await using it = await controlled();
    const { code, stdout, stderr } = await ixgate(['config', '--check', '--against', it.control]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--check');
  });

  it('prints the configuration of the gate, with what ctl has set', async () => {
    await using it = await controlled(['--drain', '1s']);
    await it.ctl('set', 'maxErrors=4');
    const args = ['config', '--json', '--changed', '--against', it.control];
    const { code, stdout } = await ixgate(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      drain: { value: '1s', from: '--drain' },
      maxErrors: { value: '4', from: 'ctl' },
    });
    expect(JSON.parse(stdout)).not.toHaveProperty('rejectionTimeout');
  });
});
