import { ControlRefusedError } from '../../control/errors.js';
import { exitCodes } from '../exit-codes.js';
import { type Ctl, pause } from './context.js';
import type { Drained, Status } from './shapes.js';

/** Milliseconds between two looks at a gate that drains. */
const interval = 500;

/**
 * `ixgate ctl drain`, with `--wait` until no client is left.
 * @throws {ControlRefusedError} when the drain is taken back meanwhile; the errors of the client
 */
export async function drain({ client, output, flags, signal }: Ctl): Promise<number> {
  const { wait } = flags;
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

function left(open: number): string {
  return open === 1 ? '1 connection is left' : `${open} connections are left`;
}
