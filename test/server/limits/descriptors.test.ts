import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { descriptorLimit } from '../../../adapters/server/limits/index.js';

const built = new URL('../../../dist/adapters/server/limits/descriptors.js', import.meta.url);

/** What a process started from a shell says, after these settings in it. */
async function said(settings: string, script: string): Promise<unknown> {
  const module = `import { descriptorLimit } from ${JSON.stringify(built.href)};`;
  const command = `${settings} exec "$0" --input-type=module --eval "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, `${module} ${script}`], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout));
}

const print = 'console.log(JSON.stringify(descriptorLimit()));';

// Windows has no such limit, and no bash to set one.
describe.runIf(process.platform !== 'win32')('the limit of open files', () => {
  it('is what ulimit says', async () => {
    expect(await said('ulimit -n 300;', print)).toBe(300);
    expect(await said('ulimit -n 900;', print)).toBe(900);
  });

  it('is the most that is allowed, to which Node raises it', async () => {
    expect(await said('ulimit -Sn 300; ulimit -Hn 400;', print)).toBe(400);
  });

  it('is asked for once, and the report of the process is as it was', async () => {
    const script = `
      const { report } = process;
      const ask = report.getReport;
      let asked = 0;
      report.getReport = () => { asked += 1; return ask.call(report); };
      const before = report.excludeNetwork;
      for (let time = 0; time < 3; time += 1) descriptorLimit();
      console.log(JSON.stringify({ asked, same: report.excludeNetwork === before }));`;
    expect(await said('', script)).toEqual({ asked: 1, same: true });
  });

  it('is a number or null here', () => {
    const limit = descriptorLimit();
    expect(limit === null || limit > 0).toBe(true);
    expect(descriptorLimit()).toBe(limit);
  });
});
