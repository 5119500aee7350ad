import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ixgate, program } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { milliseconds } from './durations.js';
import { hasProgram } from './programs.js';

const run = promisify(execFile);
const canAnalyze = await hasProgram('systemd-analyze', ['--version'], 'systemd');
const canActivate = await hasProgram('systemd-socket-activate', ['--version'], 'systemd');

const units = 'deploy/systemd';
const installed = '/opt/ixgate/node_modules/ixgate/adapters/cli/ixgate.mjs';

/** A folder with the units, where the program is that of this repository. */
async function unitsFolder() {
  const folder = await temporaryFolder();
  await cp(units, folder.path, { recursive: true });
  const file = join(folder.path, 'ixgate.service');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace('/usr/bin/node', process.execPath).replace(installed, program),
  );
  return folder;
}

/** The command of the unit, as a list. */
async function execStart(): Promise<string[]> {
  const text = await readFile(join(units, 'ixgate.service'), 'utf8');
  const [, command = ''] = /^ExecStart=\/usr\/bin\/node (.*)$/m.exec(text) ?? [];
  return command.replace(installed, program).split(' ');
}

describe.skipIf(!canAnalyze)('deploy/systemd', () => {
  it('has units that systemd accepts without a warning', async () => {
    await using folder = await unitsFolder();
    const files = ['ixgate.service', 'ixgate.socket'].map((name) => join(folder.path, name));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files]);
    expect(stdout + stderr).toBe('');
    // It reports a mistake.
    const file = files[0] as string;
    await writeFile(file, `${await readFile(file, 'utf8')}\n[Service]\nProtectSistem=strict\n`);
    const wrong = await run('systemd-analyze', ['verify', '--man=no', file]).catch(
      (error) => error,
    );
    expect(wrong.stderr).toContain('ProtectSistem');
  });

  it('has commented lines, for a token and a directory, that systemd accepts', async () => {
    await using folder = await unitsFolder();
    const file = join(folder.path, 'ixgate.service');
    const text = await readFile(file, 'utf8');
    const written = text.replace(/^#(?=[A-Z][A-Za-z]+=)/gm, '');
    expect(written.match(/^LoadCredential=/gm)).toHaveLength(2);
    await writeFile(file, written);
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', file]);
    expect(stdout + stderr).toBe('');
    // The variables are options of ixgate serve.
    const [, variables = ''] = /^Environment=(IXGATE_DIRECTORY=.*)$/m.exec(written) ?? [];
    const env = Object.fromEntries(variables.split(' ').map((one) => one.split('=')));
    const { code, stdout: printed } = await ixgate(['config', '--json'], { env });
    expect(code).toBe(0);
    expect(printed).toContain('redis://store.example:6379');
  });

  it('gives the service an exposure below 1.5 of 10', async () => {
    await using folder = await unitsFolder();
    const file = join(folder.path, 'ixgate.service');
    const security = ['security', '--offline=true', '--no-pager'];
    await run('systemd-analyze', [...security, '--threshold=15', file]);
    // The program fails above the threshold.
    await expect(run('systemd-analyze', [...security, '--threshold=5', file])).rejects.toThrow();
  });

  it('waits longer than a drain takes before it kills the gate', async () => {
    const text = await readFile(join(units, 'ixgate.service'), 'utf8');
    const [, timeout = ''] = /^TimeoutStopSec=(.*)$/m.exec(text) ?? [];
    const options = await readFile('docs/options.md', 'utf8');
    const [drainDelay, drain] = ['drain-delay', 'drain'].map((flag) => {
      const row = options.split('\n').find((line) => line.startsWith(`| \`--${flag} `));
      return milliseconds(/\| `(\d+\w+)` \|/.exec(row ?? '')?.[1] ?? '');
    });
    expect(milliseconds(timeout)).toBeGreaterThan((drainDelay ?? 0) + (drain ?? 0) + 5_000);
  });
});

describe.skipIf(!canActivate)('A gate that systemd starts with a socket', () => {
  it('answers the client whose connection started it, drains at SIGTERM and exits with 0', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const args = ['-l', `127.0.0.1:${port}`, process.execPath, ...(await execStart())];
    // The program becomes the gate when the first client connects, as a unit does.
    const child = spawn('systemd-socket-activate', [...args, '--admin', 'off', '--json'], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    try {
      await once(child.stderr, 'data');
      // Both wait in the backlog while Node starts.
      await using first = await lineClient(port);
      await using second = await lineClient(port);
      const names = ['desk-1', 'desk-2'];
      const answers = [first, second].map((client, index) =>
        client.ask(registerRequest({ clientName: names[index] })),
      );
      for (const answer of await Promise.all(answers))
        expect(answer).toMatchObject({ messageName: 'EventAck' });
      await expect.poll(() => log).toContain(`"endpoints":["tcp://127.0.0.1:${port}"]`);
      child.kill('SIGTERM');
      expect(await first.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
      first.socket.end();
      second.socket.end();
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});
