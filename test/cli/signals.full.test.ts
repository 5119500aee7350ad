import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { signalNames } from '../../adapters/service/signals.js';
import { freePort } from '../support/free-port.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { ixgate, serving } from './in-process.js';
import { Running, serving as servingProcess } from './ixgate.js';

/** Whether something listens on a port. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const outcome = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return outcome.finally(() => socket.destroy());
}

describe('the signals of a gate', () => {
  test('are the ones that its help names', async () => {
    const { stdout } = await ixgate(['serve', '--help']);
    const named = [...stdout.matchAll(/^ {2}(SIG\w+) /gm)].map(([, name]) => name);
    expect(named).toEqual(signalNames);
  });

  test('none of them is left to Node while it runs', async () => {
    await using gate = await serving();
    for (const name of signalNames) expect([name, gate.listenerCount(name)]).toEqual([name, 1]);
  });

  // `--inspect-port` moves the debugger that SIGUSR1 would open; 9229 may be taken on this machine.
  test('SIGUSR1 opens no debugger, neither in the gate nor in its workers, and is logged once', async () => {
    const port = await freePort();
    await using gate = await servingProcess(['--workers', '2', '--admin', 'http://127.0.0.1:0'], {
      env: { NODE_OPTIONS: `--inspect-port=${port}` },
    });
    const workers = await childrenOf(gate.child.pid ?? 0);
    expect(workers).toHaveLength(2);
    for (const pid of workers) {
      process.kill(pid, 'SIGUSR1');
      process.kill(pid, 'SIGUSR2');
    }
    gate.kill('SIGUSR1');
    expect(await gate.event('signal-ignored')).toMatchObject({ signal: 'SIGUSR1', level: 'info' });
    gate.kill('SIGUSR1');
    gate.kill('SIGUSR2');
    expect(await gate.event('signal-ignored')).toMatchObject({ signal: 'SIGUSR2' });
    // The workers have taken their signals: they answer.
    await using client = await lineClient(gate.port);
    expect(await client.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
    // Node counts up for the workers.
    for (let at = 0; at <= 3; at += 1) expect(await listens(port + at)).toBe(false);
    expect(gate.stderr).toBe('');
    expect(await childrenOf(gate.child.pid ?? 0)).toEqual(workers);
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stdout.match(/"event":"signal-ignored"/g)).toHaveLength(2);
  });

  test('another command still opens the debugger with SIGUSR1: the check above can fail', async () => {
    const port = await freePort();
    await using other = new Running(['viz', '--port', '0'], {
      env: { NODE_OPTIONS: `--inspect-port=${port}` },
    });
    await other.line();
    other.kill('SIGUSR1');
    await expect.poll(() => listens(port)).toBe(true);
  });
});

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
