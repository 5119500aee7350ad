/**
 * Gates of a cluster under faults: `npm run soak:cluster [-- --minutes 10 --seed 1]`. It has about 20 faults a minute, divided among the name
 * policies and what happens when the store is lost. Equal seeds give equal faults.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
for (const [name, text] of Object.entries(values)) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1_000_000) continue;
  console.error(`soak:cluster: --${name} is a whole number from 1 to 1000000, not ${text}`);
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = `${root}node_modules/vitest/vitest.mjs`;
const config = ['--config', 'test/faults/soak/vitest.config.ts', '--root', '.'];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...config, 'cluster.soak'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    IXGATE_CHAOS_MINUTES: values.minutes,
    IXGATE_CHAOS_SEED: values.seed,
  },
});
process.exitCode = status ?? 1;
