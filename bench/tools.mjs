// Run time of the tools by size of their work: npm run bench:tools. Each runs as users run it, including the start of the process.
// The table goes to stdout, the figures to bench/results/tools.json.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LineReader } from './lines.mjs';
import { spread } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const program = here('../adapters/cli/ixgate.mjs');
const telling = here('../test/observer/tell-memory.mjs');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench:tools: --rounds is a whole number from 1, not ${values.rounds}`);
  process.exit(2);
}

/** Runs a program to its end. @returns its output, its duration, and its maximum memory */
async function run(args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', telling, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  const megabytes = Number(/at most (\d+) MB/.exec(stderr)?.[1]);
  return { stdout, ms: performance.now() - startedAt, megabytes };
}

const ixgate = (...args) => run([program, ...args]);

/** Each tool with its sizes, and how to run one; the result is the amount of work done. */
const folder = await mkdtemp(join(tmpdir(), 'ixgate-bench-'));
const tools = {
  check: {
    unit: 'states',
    sizes: ['1', '2', '3', '4'],
    async run(bound) {
      const { stdout, ...took } = await ixgate('check', '--bound', bound, '--json');
      return { ...took, done: JSON.parse(stdout).states };
    },
  },
  generate: {
    unit: 'cases',
    sizes: ['states', 'transitions', 'w1', 'w2', 'random:1000', 'random:100000'],
    async run(criterion) {
      const out = join(folder, criterion.replace(':', '-'));
      const { stdout, ...took } = await ixgate('generate', '--criterion', criterion, '--out', out);
      const [name] = await readdir(out);
      const lines = (await readFile(join(out, name), 'utf8')).split('\n').filter(Boolean).length;
      // The first line has the format of the others.
      return { ...took, done: lines - 1 };
    },
  },
  conform: {
    unit: 'cases',
    sizes: ['transitions', 'w1', 'w2'],
    async run(criterion) {
      const times = ['--registration-timeout', '1s', '--rejection-timeout', '400ms'];
      const gate = spawn(
        process.execPath,
        [program, 'serve', '--json', '--listen', 'tcp://127.0.0.1:0', '--admin', 'off', ...times],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      try {
        const { endpoints } = JSON.parse(await new LineReader(gate, 'the gate').next());
        const args = ['--criterion', criterion, '--connections', '100', '--json', ...times];
        const { stdout, ...took } = await ixgate('conform', endpoints[0], ...args);
        return { ...took, done: JSON.parse(stdout).cases.total };
      } finally {
        gate.kill();
        await once(gate, 'close');
      }
    },
  },
  analyze: {
    unit: 'lines',
    sizes: ['1000', '10000', '100000'],
    async run(sessions) {
      const log = join(folder, `${sessions}.log`);
      if (!(await stat(log).catch(() => null))) {
        await run([here('../scripts/make-log.mjs'), '--sessions', sessions, '--out', log]);
      }
      const { stdout, ...took } = await ixgate('analyze', log, '--summary');
      const lines = (await readFile(log)).reduce((sum, byte) => sum + (byte === 10), 0);
      return { ms: took.ms, megabytes: took.megabytes, done: stdout === '' ? 0 : lines };
    },
  },
};

try {
  const results = [];
  for (const [name, { unit, sizes, run: measure }] of Object.entries(tools)) {
    for (const size of sizes) {
      const runs = [];
      for (let round = 1; round <= rounds; round += 1) {
        process.stderr.write(`${name} ${size}: round ${round} of ${rounds}\n`);
        runs.push(await measure(size));
      }
      const ms = spread(
        runs.map((one) => one.ms),
        0,
      );
      const { done } = runs[0];
      const perSecond = Math.round((done / ms.median) * 1_000);
      const megabytes = spread(runs.map((one) => one.megabytes)).median;
      results.push({ name, size, done, unit, ms, perSecond, megabytes });
    }
  }
  console.table(results.map(({ ms, ...rest }) => ({ ...rest, ms: ms.median })));
  const { version } = JSON.parse(await readFile(here('../package.json'), 'utf8'));
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  await mkdir(here('results'), { recursive: true });
  const report = { ixgate: version, at: new Date().toISOString(), machine, rounds, results };
  await writeFile(here('results/tools.json'), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
