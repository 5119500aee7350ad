/** A real HAProxy with a configuration of `deploy/haproxy`, in front of gates of this machine. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { startProgram } from './programs.js';

/** The ports of a gate, by those of the configuration. */
export type GatePorts = Readonly<Record<7004 | 7005 | 7006 | 7080, number>>;

export interface Haproxy extends AsyncDisposable {
  /** Its ports for tcp, ws and tls. */
  readonly tcp: number;
  readonly ws: number;
  readonly tls: number;
  /** The states of the servers of the first port: UP, DOWN ... */
  states(): Promise<readonly string[]>;
  /** Waits until the servers of the first port have these states. */
  until(...states: string[]): Promise<void>;
}

/** Starts HAProxy with a file of the repository: only addresses, ports, the path of the socket and the
 * number of connections are replaced. */
export async function startHaproxy(
  gates: readonly GatePorts[],
  name: 'haproxy.cfg' | 'cluster.cfg' = 'haproxy.cfg',
): Promise<Haproxy> {
  const folder = await temporaryFolder();
  const [tcp, ws, tls] = [await freePort(), await freePort(), await freePort()];
  const bound: Record<string, number> = { 7004: tcp, 7005: ws, 7006: tls };
  const socket = join(folder.path, 'admin.sock');
  const documented = await readFile(`deploy/haproxy/${name}`, 'utf8');
  const config = documented
    .replace('/run/haproxy/admin.sock', socket)
    // It needs two descriptors a connection, and the machine may allow less.
    .replaceAll('maxconn 20000', 'maxconn 2000')
    .replace(/bind :(\d+)/g, (_, port: string) => `bind 127.0.0.1:${bound[port]}`)
    .replace(
      /(?:10\.0\.0\.1|gate-)(\d):(\d+)(.*)/g,
      (_, number: string, port: string, rest: string) => {
        const gate = gates[Number(number) - 1] as GatePorts;
        return `127.0.0.1:${gate[Number(port) as 7004]}${rest.replace('7080', String(gate[7080]))}`;
      },
    );
  const file = join(folder.path, 'haproxy.cfg');
  await writeFile(file, config);
  const running = startProgram('haproxy', ['-db', '-f', file], folder.path);

  async function states(): Promise<string[]> {
    const client = connect(socket);
    await once(client, 'connect');
    client.write('show stat registration 4 -1\n');
    const [head = '', ...rows] = (await text(client)).replace('# ', '').trim().split('\n');
    const column = head.split(',').indexOf('status');
    return rows.map((row) => row.split(',')[column] as string);
  }
  async function until(...wanted: string[]): Promise<void> {
    for (;;) {
      if (running.child.exitCode !== null) throw new Error(`HAProxy ended: ${running.stderr()}`);
      const now = await states().catch(() => []);
      if (String(now) === String(wanted)) return;
      await delay(20);
    }
  }
  return {
    ...{ tcp, ws, tls, states, until },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
