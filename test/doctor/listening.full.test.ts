import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { runNode } from '../support/run-node.js';
import { diagnosed } from './diagnosed.js';

const onLinux = process.platform === 'linux';

/** A server of this process on a port or a path. */
async function listening(address: { port?: number; path?: string }) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', ...address }, resolve));
  return { [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
}

describe('The doctor looks at ports', () => {
  test('that are free, and leaves them free', async () => {
    const port = await freePort();
    const found = await diagnosed(['--listen', `tcp://127.0.0.1:${port}`]);
    expect(found.of('ports')).toMatchObject([
      { severity: 'ok', text: `tcp://127.0.0.1:${port} is free`, fix: null },
    ]);
    await using _server = await listening({ port });
  });

  test('that another process has: it fails, and names the process', async () => {
    const port = await freePort();
    await using _server = await listening({ port });
    const found = await diagnosed(['--listen', `tcp://127.0.0.1:${port}`]);
    expect(found.code).toBe(6);
    const [finding] = found.of('ports');
    expect(finding?.severity).toBe('fail');
    if (onLinux) expect(finding?.text).toContain(`(process ${process.pid})`);
  });

  test('that a running gate has: it warns, without the arguments of that gate', async () => {
    await using gate = await serving(['--admin-token', 'a-secret-token-0123456789']);
    const found = await diagnosed(['--listen', `tcp://127.0.0.1:${gate.port}`]);
    if (!onLinux) return;
    expect(found.of('ports')).toMatchObject([
      {
        severity: 'warn',
        text: `tcp://127.0.0.1:${gate.port} is taken by a gate that runs already (process ${gate.child.pid})`,
      },
    ]);
    expect(found.code).toBe(0);
    expect(JSON.stringify(found)).not.toContain('a-secret-token');
  });

  test('of addresses that this machine does not have, and of unknown names', async () => {
    const { findings } = await diagnosed([
      ...['--listen', 'tcp://192.0.2.1:7004', '--listen', 'tcp://gate.invalid:7004'],
    ]);
    const [foreign, unknown] = findings.filter(({ check }) => check === 'ports');
    expect(foreign).toMatchObject({
      severity: 'fail',
      text: expect.stringContaining('this machine does not have the address 192.0.2.1'),
    });
    expect(unknown?.severity).toBe('fail');
  });

  describe('that two addresses have', () => {
    const doubles = async (...listen: string[]) => {
      const found = await diagnosed(listen.flatMap((one) => ['--listen', one]));
      return found.of('ports').filter(({ text }) => text.includes('another address'));
    };

    it('fails for the same host', async () => {
      const port = await freePort();
      const [tcp, ws] = [`tcp://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`];
      expect(await doubles(tcp, ws)).toMatchObject([
        { severity: 'fail', text: expect.stringContaining(`${ws} has port ${port}`) },
      ]);
    });

    it.each([
      ['127.0.0.1', '0.0.0.0'],
      ['[::]', '127.0.0.1'],
      ['[::]', '0.0.0.0'],
    ])('warns for %s and %s, where one stands for the other, too', async (one, other) => {
      const port = await freePort();
      expect(await doubles(`tcp://${one}:${port}`, `tcp://${other}:${port}`)).toMatchObject([
        { severity: 'warn', text: expect.stringContaining(`${other}:${port} has port ${port}`) },
      ]);
    });

    it.each([
      ['127.0.0.1', '[::1]'],
      ['0.0.0.0', '[::1]'],
      ['127.0.0.1', '127.0.0.2'],
    ])('says nothing of %s and %s', async (one, other) => {
      const port = await freePort();
      expect(await doubles(`tcp://${one}:${port}`, `tcp://${other}:${port}`)).toEqual([]);
    });
  });

  // Containers may allow every port to every user.
  test.runIf(process.getuid?.() === 0)('below 1024 for a user without the permission', async () => {
    const script = `require('node:fs').readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')`;
    const start = await runNode(['-p', script]);
    if (Number(start.stdout) <= 80) return;
    const { asOtherUser } = await import('./other-user.js');
    const found = await asOtherUser(['--listen', 'tcp://127.0.0.1:81', '--admin', 'off']);
    expect(found.of('ports')).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('may not listen on port 81') },
    ]);
  });
});

describe.runIf(process.platform !== 'win32')('The doctor looks at unix sockets', () => {
  const finding = async (path: string, ...more: string[]) => {
    const found = await diagnosed(['--listen', `unix://${path}`, ...more]);
    return found.of('sockets');
  };

  it('and takes a free path in a folder that exists', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.sock');
    expect(await finding(path)).toMatchObject([{ severity: 'ok', text: `unix://${path} is free` }]);
  });

  it('and refuses a missing folder, a long path and a file that is not a socket', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'file');
    await writeFile(file, 'text');
    for (const [path, text] of [
      [join(folder.path, 'missing', 'gate.sock'), 'does not exist'],
      [join(folder.path, 'x'.repeat(120)), 'and the system allows'],
      [file, 'the file there is not a socket'],
    ] as const) {
      expect(await finding(path)).toMatchObject([
        { severity: 'fail', text: expect.stringContaining(text), fix: expect.any(String) },
      ]);
    }
  });

  it('and tells a socket of a living process from the file of a dead one', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.sock');
    {
      await using _server = await listening({ path });
      expect(await finding(path)).toMatchObject([
        { severity: 'warn', text: `unix://${path} is taken by a process that listens` },
      ]);
    }
    // A process that is killed leaves its file.
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await runNode(['-e', script]);
    expect(await finding(path)).toMatchObject([
      { severity: 'ok', text: `unix://${path}: the file of a former gate will be replaced` },
    ]);
  });

  it('and warns of a mode that lets every user connect', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'run'));
    const found = await finding(join(folder.path, 'run', 'gate.sock'), '--socket-mode', '666');
    expect(found).toMatchObject([
      { severity: 'ok' },
      { severity: 'warn', text: '--socket-mode 666 lets every user of the machine connect' },
    ]);
  });
});
