import { ControlRefusedError } from '../../control/errors.js';
import { exitCodes } from '../exit-codes.js';
import { type Ctl, namedNodes, pause } from './context.js';
import { askNodes } from './nodes.js';
import type { Drained, NodesAnswer, Status } from './shapes.js';

/** Milliseconds between two looks at a gate that drains. */
const interval = 500;

/**
 * `ixgate ctl drain`, with `--wait` until no client is left.
 * @throws {ControlRefusedError} when the drain is taken back meanwhile; the errors of the client
 */
export async function drain(ctl: Ctl): Promise<number> {
  const { client, output, flags, signal } = ctl;
  const { wait } = flags;
  if (namedNodes(flags)) return await drainNodes(ctl);
  const answer = await client.ask<Drained>('POST', '/drain');
  output.tell(`the gate is draining; ${left(answer.open)}`, answer);
  if (!wait) return exitCodes.ok.code;
  let { open } = answer;
  while (open > 0) {
    await pause(interval, signal);
    const status = await client.ask<Status>('GET', '/status');
    if (status.state === 'running') {
      throw new ControlRefusedError(client.where, 409, 'the drain was taken back meanwhile');
    }
    if (status.open === open) continue;
    open = status.open;
    const { registered } = status;
    output.tell(left(open), { draining: true, open, registered } satisfies Drained);
  }
  return exitCodes.ok.code;
}

/** Drains the gates that are named, with `--wait` until none of them has a client. A gate that does not answer is not waited for. */
async function drainNodes(ctl: Ctl): Promise<number> {
  const { client, output, flags, signal } = ctl;
  const code = await askNodes(ctl, '/drain', 'draining');
  let told = -1;
  while (flags.wait) {
    const { nodes } = await client.ask<NodesAnswer>('GET', '/nodes');
    const waited = nodes.filter(({ node }) => flags.node === undefined || node === flags.node);
    const open = waited.reduce((sum, one) => sum + (one.open ?? 0), 0);
    const registered = waited.reduce((sum, one) => sum + (one.registered ?? 0), 0);
    if (open !== told) output.tell(left(open), { draining: true, open, registered });
    told = open;
    if (open === 0) break;
    if (waited.some(({ state }) => state === 'running')) {
      throw new ControlRefusedError(client.where, 409, 'the drain was taken back meanwhile');
    }
    await pause(interval, signal);
  }
  return code;
}

function left(open: number): string {
  return open === 1 ? '1 connection is left' : `${open} connections are left`;
}
