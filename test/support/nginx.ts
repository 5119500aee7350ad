/** A real nginx in front of a gate. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryFolder } from './folder.js';

/** Whether nginx is installed. If not, it logs that the tests that need it are skipped. */
export async function hasNginx(): Promise<boolean> {
  try {
    await promisify(execFile)('nginx', ['-v'], { env: nginxEnvironment() });
    return true;
  } catch {
    console.warn('SKIPPED: nginx is not installed (Debian: apt-get install nginx-light)');
    return false;
  }
}

/** Debian installs it where only root's PATH leads. */
function nginxEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
}

export interface Nginx extends AsyncDisposable {
  readonly folder: string;
  /** The content of its access log. */
  accessLog(): Promise<string>;
}

/**
 * Starts nginx with some text in its `http` block and waits until it accepts connections.
 * @param http the text, given the folder where nginx may write
 * @param top text outside of that block
 */
export async function startNginx(
  port: number,
  http: (folder: string) => string | Promise<string>,
  top = '',
): Promise<Nginx> {
  const folder = await temporaryFolder();
  const { path } = folder;
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `
    ${top}
    daemon off;
    master_process off;
    pid ${path}/nginx.pid;
    events {}
    http {
      access_log ${path}/access.log;
      ${kinds.map((kind) => `${kind}_temp_path ${path}/${kind};`).join('\n')}
      ${await http(path)}
    }`;
  const file = join(path, 'nginx.conf');
  await writeFile(file, text);
  const child = spawn('nginx', ['-p', path, '-e', join(path, 'error.log'), '-c', file], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: nginxEnvironment(),
  });
  await untilListening(port, child);
  return {
    folder: path,
    accessLog: () => readFile(join(path, 'access.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await delay(20);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nginx ended with ${child.exitCode}`);
}
