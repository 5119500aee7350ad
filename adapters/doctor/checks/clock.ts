import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Check, type Finding, ok, orOk, warn } from '../check.js';

/** Milliseconds for which both clocks are compared, and by which they may differ after it. */
const compared = 200;
const allowed = 20;

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  description:
    'the clock of the machine is synchronised, where the system tells, and does not jump. Deadlines do not depend on it; times in logs and certificates do',
  async run({ signal, system }) {
    const findings: Finding[] = [];
    const jump = await jumpOf(signal);
    if (Math.abs(jump) > allowed) {
      findings.push(
        warn(
          `the clock jumped by ${Math.round(jump)} ms while it was watched for ${compared} ms`,
          'let one service only set the clock (chrony, systemd-timesyncd)',
        ),
      );
    }
    const isSynchronised = system.platform === 'linux' ? await synchronised(signal) : null;
    if (isSynchronised === false) {
      findings.push(
        warn('the clock is not synchronised with a time server', 'timedatectl set-ntp true'),
      );
    }
    if (findings.length > 0 || isSynchronised !== null) {
      return orOk(findings, 'synchronised with a time server');
    }
    return [ok('steady; this system does not tell whether it is synchronised')];
  },
};

/** Milliseconds by which the wall clock went faster than the monotonic clock. */
async function jumpOf(signal: AbortSignal): Promise<number> {
  const [wall, steady] = [Date.now(), performance.now()];
  await setTimeout(compared, undefined, { signal });
  return Date.now() - wall - (performance.now() - steady);
}

/** Null where the system does not tell, as in most containers. */
async function synchronised(signal: AbortSignal): Promise<boolean | null> {
  try {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)('timedatectl', args, { signal });
    const answer = stdout.trim();
    return answer === 'yes' ? true : answer === 'no' ? false : null;
  } catch {
    return null;
  }
}
