import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseEndpoint } from '../../adapters/net/transports/index.js';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { runNode } from '../support/run-node.js';
import { visit } from '../support/tls-visits.js';
import { serving } from './in-process.js';

const ack = { messageName: 'EventAck' };
const notValid = { messageName: 'EventError', errorCode: 2 };

/** A gate in its own folder. Its files are replaced as editors do it: written beside, then renamed. */
async function servingIn(
  files: Record<string, string>,
  options: { args?: string[]; env?: NodeJS.ProcessEnv } = {},
) {
  const folder = await temporaryFolder();
  const put = async (name: string, text: string) => {
    await writeFile(join(folder.path, `${name}.new`), text);
    await rename(join(folder.path, `${name}.new`), join(folder.path, name));
  };
  for (const [name, text] of Object.entries(files)) await put(name, text);
  const gate = await serving(options.args, { cwd: folder.path, env: options.env ?? {} });
  return {
    gate,
    folder: folder.path,
    put,
    /** The first answer to the registration of a new client. */
    async registration(changes: Record<string, unknown> = {}) {
      await using client = await lineClient(gate.port);
      return await client.ask(registerRequest(changes));
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const yaml = 'ixgate.config.yaml';

/** The status of the answer to an upgrade with a Host header. */
async function statusFor(port: number, host: string): Promise<number> {
  await using client = new RawWebSocket(port, { Host: host });
  await client.until(() => client.head !== '');
  return client.status;
}

describe('a changed configuration file', () => {
  test('T83: can allow a host and take it back, at the WebSocket endpoint and the admin port', async () => {
    const listen = ['--listen', 'ws://127.0.0.1:0', '--admin', 'http://127.0.0.1:0'];
    await using it = await servingIn({ [yaml]: 'maxErrors: 1\n' }, { args: listen });
    const statuses = async () => [
      await statusFor(it.gate.port, 'gate.example'),
      await statusFor(Number(new URL(it.gate.admin).port), 'gate.example'),
    ];
    expect(await statuses()).toEqual([403, 403]);
    await it.put(yaml, 'allowHost: gate.example\n');
    await it.gate.event('reloaded');
    // The admin port does not serve this path.
    expect(await statuses()).toEqual([101, 404]);
    await it.put(yaml, 'maxErrors: 2\n');
    await it.gate.event('reloaded');
    expect(await statuses()).toEqual([403, 403]);
  });

  test('is in force from then on, for those who are there too, and the log says what is another', async () => {
    await using it = await servingIn({ [yaml]: 'maxFrame: 4KiB\n' });
    await using client = await lineClient(it.gate.port);
    expect(await client.ask(registerRequest())).toMatchObject(ack);
    await it.put(yaml, 'maxFrame: 256B\nerrorCodes:\n  malformed-frame: 105\n');
    expect(await it.gate.event('reloaded')).toMatchObject({
      level: 'info',
      msg: 'configuration reloaded (a file changed): maxFrame is 256B, was 4KiB, errorCodes is {"malformed-frame":105}, was not set',
      changed: { maxFrame: { from: '4KiB', to: '256B' } },
      needsRestart: [],
    });
    expect(await client.ask({ messageName: 'X', padding: 'x'.repeat(300) })).toMatchObject({
      errorCode: 105,
      errorDescription: expect.stringContaining('256'),
    });
  });

  test('that is invalid changes nothing and is reported once, however often it is written; each SIGHUP reports it again', async () => {
    await using it = await servingIn({ [yaml]: 'maxErrors: 1\n' });
    const problem = {
      level: 'error',
      code: 'BAD_CONFIG',
      msg: `configuration not reloaded, the old one stays: ${yaml}:2: maxFrame is "huge"; allowed: 64B to 64MiB, written like 512B, 64KiB or 1MiB`,
    };
    await it.put(yaml, 'maxErrors: 5\nmaxFrame: huge\n');
    expect(await it.gate.event('reload-failed')).toMatchObject(problem);
    await it.put(yaml, 'maxErrors: 6\nmaxFrame: huge\n');
    it.gate.kill('SIGHUP');
    expect(await it.gate.event('reload-failed')).toMatchObject({ ...problem, reason: 'SIGHUP' });
    await using client = await lineClient(it.gate.port);
    expect(await client.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    expect(await client.next()).toBeNull();
    await it.put(yaml, 'maxErrors: 2\n');
    expect(await it.gate.event('reloaded')).toMatchObject({
      changed: { maxErrors: { from: 1, to: 2 } },
    });
    const told = it.gate.stdout.split('\n').filter((line) => line.includes('"reload-failed"'));
    // The second change and the signal may have been read as one.
    expect(told.length).toBeLessThanOrEqual(3);
  });

  test('that is deleted does not open the gate to all clients: the old one stays in force', async () => {
    await using it = await servingIn({
      [yaml]: 'clients: clients.yaml\n',
      'clients.yaml': 'clients:\n  - name: desk-1\n',
    });
    await rm(join(it.folder, yaml));
    expect(await it.gate.event('reload-failed')).toMatchObject({
      msg: expect.stringMatching(/the old one stays: .*ixgate\.config\.yaml.* file not found/),
    });
    expect(await it.registration({ clientName: 'stranger' })).toMatchObject(notValid);
    // Emptied, as by a disk that is full, it does not either.
    await it.put(yaml, '');
    await it.gate.event('reload-failed');
    expect(await it.registration({ clientName: 'stranger' })).toMatchObject(notValid);
    expect(await it.registration()).toMatchObject(ack);
  });

  test('gives way to variables, and these to flags, as at the start', async () => {
    await using it = await servingIn(
      { [yaml]: 'maxErrors: 1\nmaxDepth: 5\nrejectionTimeout: 1m\n' },
      { args: ['--max-errors', '3'], env: { IXGATE_MAX_DEPTH: '6' } },
    );
    await it.put(yaml, 'maxErrors: 7\nmaxDepth: 7\nrejectionTimeout: 7s\n');
    expect(await it.gate.event('reloaded')).toMatchObject({
      changed: { rejectionTimeout: { from: '1m', to: '7s' } },
      msg: expect.not.stringMatching(/maxErrors|maxDepth/),
    });
    await using client = await lineClient(it.gate.port);
    for (let error = 1; error <= 3; error += 1) {
      expect(await client.ask({ messageName: 'X' })).toMatchObject({ errorCode: 1 });
    }
    expect(await client.next()).toBeNull();
  });

  test('whose options need a restart: they are named and stay, the others hold', async () => {
    await using it = await servingIn({ [yaml]: 'maxErrors: 5\n' });
    await it.put(yaml, 'maxErrors: 1\nrecord: recordings\nadminToken: 0123456789abcdef\n');
    expect(await it.gate.event('reloaded')).toMatchObject({
      msg: 'configuration reloaded (a file changed): adminToken needs a restart, maxErrors is 1, was 5, record needs a restart',
      changed: { maxErrors: { from: 5, to: 1 } },
      needsRestart: ['adminToken', 'record'],
    });
    await using client = await lineClient(it.gate.port);
    await client.ask({ messageName: 'X' });
    expect(await client.next()).toBeNull();
    // The gate reports options that need a restart once, and again at each SIGHUP.
    await it.put(yaml, 'maxErrors: 2\nrecord: recordings\nadminToken: 0123456789abcdef\n');
    await it.gate.event('reloaded');
    await it.put(yaml, 'record: recordings\nadminToken: 0123456789abcdef\nmaxErrors: 2\n');
    it.gate.kill('SIGHUP');
    expect(await it.gate.event('reloaded')).toMatchObject({
      changed: {},
      needsRestart: ['adminToken', 'record'],
    });
    expect(it.gate.stdout.split('"event":"reloaded"')).toHaveLength(4);
    expect(it.gate.stdout).not.toContain('0123456789abcdef');
  });

  test('may change the log level and the time to drain', async () => {
    await using it = await servingIn({ [yaml]: 'drain: 1h\n' });
    await it.put(yaml, 'drain: 100ms\nlogLevel: warn\n');
    await it.gate.event('reloaded');
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    it.gate.kill('SIGTERM');
    expect(await client.next()).toMatchObject({ errorCode: 7 });
    expect(await client.next()).toBeNull();
    client.socket.end();
    expect(await it.gate.ended).toBe(0);
    expect(it.gate.stdout).not.toContain('"registered"');
  });
});

describe('who may register', () => {
  test('follows a new file name, and the content of the file at SIGHUP', async () => {
    await using it = await servingIn({
      [yaml]: 'clients: one.yaml\n',
      'one.yaml': 'clients:\n  - name: desk-1\n',
      'two.yaml': 'clients:\n  - name: desk-2\n',
    });
    expect(await it.registration()).toMatchObject(ack);
    await it.put(yaml, 'clients: two.yaml\n');
    await it.gate.event('reloaded');
    expect(await it.registration()).toMatchObject(notValid);
    expect(await it.registration({ clientName: 'desk-2' })).toMatchObject(ack);
    await it.put(yaml, 'clients: three.yaml\n');
    expect(await it.gate.event('reload-failed')).toMatchObject({
      msg: expect.stringMatching(/three\.yaml.*file not found/),
    });
    expect(await it.registration({ clientName: 'desk-2' })).toMatchObject(ack);
    // It comes later than its name.
    await it.put('three.yaml', 'clients:\n  - name: desk-3\n');
    expect(await it.gate.event('reloaded')).toMatchObject({
      changed: { clients: { from: 'two.yaml', to: 'three.yaml' } },
    });
    expect(await it.registration({ clientName: 'desk-3' })).toMatchObject(ack);
  });
});

test('a password in what has changed is not told', async () => {
  const validator = (password: string) => `validator: http://gate:${password}@127.0.0.1:9/\n`;
  await using it = await servingIn({ [yaml]: validator('lorem') });
  await it.put(yaml, validator('ipsum'));
  expect(await it.gate.event('reloaded')).toMatchObject({
    changed: { validator: { from: 'http://***@127.0.0.1:9/', to: 'http://***@127.0.0.1:9/' } },
  });
  expect(it.gate.stdout).not.toMatch(/lorem|ipsum/);
});

describe('SIGHUP', () => {
  test('is answered where nothing has changed, and where there is no file at all', async () => {
    await using it = await servingIn({});
    it.gate.kill('SIGHUP');
    expect(await it.gate.event('reloaded')).toMatchObject({
      msg: 'configuration reloaded (SIGHUP): no changes',
    });
    expect(await it.registration()).toMatchObject(ack);
  });

  test('while the gate drains neither ends it nor reloads anything', async () => {
    await using it = await servingIn({ [yaml]: 'drain: 1h\n' });
    await using client = await lineClient(it.gate.port);
    await client.ask(registerRequest());
    it.gate.kill('SIGTERM');
    expect(await client.next()).toMatchObject({ errorCode: 7 });
    it.gate.kill('SIGHUP');
    expect(await client.ask({ messageName: 'Y', referenceId: 9 })).toMatchObject({
      referenceId: 9,
    });
    client.socket.end();
    expect(await it.gate.ended).toBe(0);
    expect(it.gate.stdout).not.toContain('"reloaded"');
  });
});

test('T93: SIGHUP after the drain does not end the process by a signal', async () => {
  const program = new URL('../../dist/adapters/cli/program.js', import.meta.url);
  // The rest of the process, which is short otherwise.
  const script = `
    import { run } from ${JSON.stringify(program)};
    const args = ['serve', '--listen', 'tcp://127.0.0.1:0', '--admin', 'off'];
    const running = run(args);
    while (process.listenerCount('SIGTERM') === 0) await new Promise(setImmediate);
    process.kill(process.pid, 'SIGTERM');
    process.exitCode = await running;
    process.kill(process.pid, 'SIGHUP');
    console.log('still here');
  `;
  const ran = await runNode(['--input-type=module', '-e', script]);
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^still here$/m) });
});

describe('certificates', () => {
  let made: TestCertificates;
  beforeAll(async () => {
    made = await testCertificates();
  });
  const config = 'listen: [tls://127.0.0.1:0]\ntlsCert: cert.pem\ntlsKey: key.pem\n';
  const args = ['--listen', 'tls://127.0.0.1:0'];
  const secured = () =>
    servingIn(
      { [yaml]: config, 'cert.pem': made.server.cert, 'key.pem': made.server.key },
      { args },
    );

  test('that are replaced are shown from the next handshake on; a key that does not match is refused', async () => {
    await using it = await secured();
    const endpoint = parseEndpoint(it.gate.endpoint);
    const before = await visit(endpoint, { ca: made.ca });
    expect(before.answer).toContain('EventAck');
    const other = await selfSigned();
    await it.put('cert.pem', other.cert);
    expect(await it.gate.event('reload-failed')).toMatchObject({
      msg: expect.stringContaining('the key belongs to another certificate'),
    });
    expect(await visit(endpoint, { ca: made.ca })).toMatchObject({
      fingerprint: before.fingerprint,
      answer: before.answer,
    });
    await it.put('key.pem', other.key);
    expect(await it.gate.event('reloaded')).toMatchObject({
      msg: 'configuration reloaded (a file changed): tlsCert has new content, tlsKey has new content',
    });
    const after = await visit(endpoint, { ca: other.ca });
    expect(after.answer).toContain('EventAck');
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  test('of clients are asked for when tlsCa comes, also of those that come with a ticket, and not when it has gone', async () => {
    await using it = await secured();
    const endpoint = parseEndpoint(it.gate.endpoint);
    const host = '127.0.0.1';
    const { session } = await visit(endpoint, { ca: made.ca, host });
    if (!session) throw new Error('there was no ticket');
    expect(await visit(endpoint, { ca: made.ca, host, session })).toMatchObject({
      isResumed: true,
    });
    await it.put('ca.pem', made.ca);
    await it.put(yaml, `${config}tlsCa: ca.pem\n`);
    await it.gate.event('reloaded');
    expect((await visit(endpoint, { ca: made.ca, host, session })).answer).toBeNull();
    expect((await visit(endpoint, { ca: made.ca })).answer).toBeNull();
    const { cert, key } = await made.client('desk-1');
    expect((await visit(endpoint, { ca: made.ca, cert, key })).answer).toContain('EventAck');
    await it.put('ca.pem', made.ca.slice(0, 200));
    expect(await it.gate.event('reload-failed')).toMatchObject({
      msg: expect.stringContaining('tlsCa'),
    });
    expect((await visit(endpoint, { ca: made.ca })).answer).toBeNull();
    await it.put(yaml, config);
    await it.gate.event('reloaded');
    expect((await visit(endpoint, { ca: made.ca })).answer).toContain('EventAck');
  });

  test('that come after their names are taken when they are there', async () => {
    await using it = await secured();
    const other = await selfSigned();
    await it.put(yaml, 'listen: [tls://127.0.0.1:0]\ntlsCert: later.pem\ntlsKey: later.key\n');
    expect(await it.gate.event('reload-failed')).toMatchObject({
      msg: expect.stringMatching(/later\.(pem|key): cannot be read: file not found/),
    });
    await it.put('later.key', other.key);
    await it.put('later.pem', other.cert);
    await it.gate.event('reloaded');
    const after = await visit(parseEndpoint(it.gate.endpoint), { ca: other.ca });
    expect(after.answer).toContain('EventAck');
  });

  test('behind a link that is turned, as Kubernetes mounts them', async () => {
    await using it = await secured();
    const other = await selfSigned();
    // Both files change at once: each read finds the old pair or the new pair.
    await it.put('other-cert.pem', other.cert);
    await it.put('other-key.pem', other.key);
    for (const name of ['cert.pem', 'key.pem']) {
      await symlink(`other-${name}`, join(it.folder, `${name}.link`));
      await rename(join(it.folder, `${name}.link`), join(it.folder, name));
    }
    await it.gate.event('reloaded');
    const after = await visit(parseEndpoint(it.gate.endpoint), { ca: other.ca });
    expect(after.answer).toContain('EventAck');
  });
});
