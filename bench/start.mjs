/**
 * Start-up time of commands: `npm run bench:start [-- rounds]`. In each round every command runs once, and `node -e 0` as the baseline, so
 * that a busy moment of the machine falls on all of them. The ratio is that of the minima.
 */
import { spawnSync } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { spread } from './measure.mjs';

const program = fileURLToPath(new URL('../adapters/cli/ixgate.mjs', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);
const commands = {
  'node -e 0': ['-e', '0'],
  'ixgate --version': [program, '--version'],
  'ixgate --help': [program, '--help'],
  'ixgate config': [program, 'config'],
  'ixgate ctl --help': [program, 'ctl', '--help'],
  'ixgate serve --help': [program, 'serve', '--help'],
};

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
// The first round fills the caches and does not count.
for (let round = -1; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: tmpdir() });
    const elapsed = performance.now() - start;
    if (status !== 0) throw new Error(`${name}: exit code ${status}: ${stderr}`);
    if (round >= 0) times[name].push(elapsed);
  }
}

console.log(`Node ${process.version}, ${cpus().length} cores, ${rounds} rounds`);
console.log('command                    min     median     ratio to node -e 0');
const baseline = Math.min(...times['node -e 0']);
for (const [name, all] of Object.entries(times)) {
  const { median, from } = spread(all, 0);
  const ratio = (Math.min(...all) / baseline).toFixed(2);
  console.log(
    `${name.padEnd(22)} ${`${from} ms`.padStart(8)} ${`${median} ms`.padStart(10)} ${ratio.padStart(9)}`,
  );
}
