/** `--protocol mqtt-connect` on the command line, with aedes in this process. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { startAedes, values } from './brokers.js';

const protocol = ['--protocol', 'mqtt-connect'];
const figures = ['success', 'refused', 'other-first', 'second-connect'];

describe('ixgate figures --protocol mqtt-connect', () => {
  it('lists the figures and draws one', async () => {
    const list = await ixgate(['figures', 'list', ...protocol, '--json']);
    expect(JSON.parse(list.stdout).figures).toHaveLength(5);
    const show = await ixgate([
      'figures',
      'show',
      'second-connect',
      ...protocol,
      '--setting',
      'version=5',
    ]);
    expect(show.stdout).toContain('MQTT server');
    expect(show.stdout).toContain('DISCONNECT-130');
    const drawn = await ixgate(['figures', 'show', 'success', ...protocol, '--mermaid']);
    expect(drawn.stdout).toContain('Server-xClient: disconnect');
  });

  it.each(['tcp', 'ws'] as const)('plays them against aedes over %s', async (scheme) => {
    await using broker = await startAedes();
    const against = ['--against', broker[scheme], ...values];
    const { code, stdout, stderr } = await ixgate([
      'figures',
      'run',
      ...figures,
      ...protocol,
      ...against,
    ]);
    expect(stderr).toBe('');
    expect(stdout).toContain('4 of 4 passed');
    expect(code).toBe(0);
  });

  it('does not play what needs a password that is missing', async () => {
    await using broker = await startAedes();
    const args = ['figures', 'run', 'refused', ...protocol, '--against', broker.tcp];
    const { code, stdout } = await ixgate(args);
    expect(stdout).toContain('not played');
    expect(stdout).toContain(
      'connect-refused is not sent without --value username=<text> --value password=<text>',
    );
    expect(code).toBe(0);
  });

  it('fails for a server that accepts CONNECT twice, with the difference', async () => {
    const connack = Uint8Array.of(0x20, 2, 0, 0);
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(connack));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const against = ['--against', `tcp://127.0.0.1:${port}`, '--response-timeout', '200ms'];
    const args = ['figures', 'run', 'second-connect', ...protocol, ...against];
    const { code, stdout } = await ixgate(args);
    server.close();
    expect(stdout).toContain('connect after connect: expected closed, observed CONNACK-0');
    expect(code).toBe(6);
  });
});

describe('ixgate check and generate --protocol mqtt-connect', () => {
  it('proves the properties', async () => {
    const { code, stdout } = await ixgate([
      'check',
      ...protocol,
      '--setting',
      'version=5',
      '--json',
    ]);
    expect(JSON.parse(stdout).results).toHaveLength(6);
    expect(code).toBe(0);
  });

  it('writes a suite that names the protocol and its version', async () => {
    await using folder = await temporaryFolder();
    const args = ['generate', ...protocol, '--setting', 'version=5', '--criterion', 'transitions'];
    const { code, stderr } = await ixgate([...args, '--out', folder.path]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const [header = ''] = (
      await readFile(join(folder.path, 'transitions.suite.jsonl'), 'utf8')
    ).split('\n');
    expect(JSON.parse(header)).toMatchObject({ protocol: 'mqtt-connect', version: '5' });
  });
});

describe('a command for a protocol', () => {
  const target = 'tcp://127.0.0.1:1';
  it.each([
    [
      ['check', '--protocol', 'mqtt'],
      'unknown protocol "mqtt"; allowed: mqtt-connect, or the path of a file, e.g. ./protocol.ts',
    ],
    [
      ['check', '--setting', 'version=5'],
      '--setting needs --protocol, e.g. --protocol mqtt-connect',
    ],
    [
      ['check', ...protocol, '--bound', '2'],
      '--bound cannot be combined with --protocol; allowed with it: --protocol, --setting, --json',
    ],
    [
      ['conform', target, ...protocol, '--documented'],
      '--documented cannot be combined with --protocol; allowed with it: --protocol, --setting, --timer, --value, --criterion, --suite, --seed, --connections, --response-timeout, --margin, --attempts, --junit, --tls-ca, --tls-cert, --tls-key, --insecure, --json',
    ],
    [
      ['check', ...protocol, '--setting', 'version=4'],
      'the setting version is "4"; allowed: 3.1.1, 5',
    ],
    [
      ['check', ...protocol, '--setting', 'level=4'],
      'there is no setting "level"; allowed: version',
    ],
    [['check', ...protocol, '--setting', 'version'], '--setting is "version"; expected name=value'],
    [
      ['conform', target, ...protocol, '--timer', 'keepalive=1s'],
      'there is no timer "keepalive"; allowed: keepAlive, connectTimeout',
    ],
    [
      ['conform', target, ...protocol, '--timer', 'keepAlive=1 sec'],
      '--timer has "1 sec"; allowed: name=',
    ],
    [
      ['conform', target, ...protocol, '--value', 'user=me'],
      'there is no value "user"; allowed: username, password',
    ],
    [['figures', 'show', '2a', ...protocol], 'unknown figure "2a"; allowed: success, refused, '],
    [['figures', 'run', ...protocol], '--protocol needs --against <endpoint>'],
    [
      ['check', '--protocol', './test/mqtt-connect/brokers.ts'],
      './test/mqtt-connect/brokers.ts: it exports ',
    ],
    [['check', '--protocol', './nothing.ts'], 'nothing.ts: '],
  ])('%j is refused with the fix', async (args, problem) => {
    const { code, stderr } = await ixgate(args);
    expect(stderr).toContain(`ixgate: ${problem}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('ends with 5 when no server can be reached', async () => {
    const { code, stderr } = await ixgate(['conform', target, ...protocol]);
    expect(stderr).toContain('could not be reached');
    expect(code).toBe(5);
  });
});
