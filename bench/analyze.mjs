// How fast a log is read, compared alternately with wc and grep on the same file: npm run bench:analyze [-- --rounds 5 --sessions 100000 --grow].
// The table goes to stdout, the figures to bench/results/analyze.json. The log is generated, and removed afterwards.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const program = here('../adapters/cli/ixgate.mjs');
const telling = here('../test/observer/tell-memory.mjs');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '100000' },
    grow: { type: 'boolean', default: false },
  },
});
const [rounds, sessions] = [values.rounds, values.sessions].map(Number);
if (!(rounds >= 1) || !(sessions >= 1)) {
  console.error('bench:analyze: --rounds and --sessions are whole numbers from 1');
  process.exit(2);
}

/** Runs a process to its end; its output is read and discarded. */
async function run(command, args) {
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${told}`);
  const [, megabytes] = /at most (\d+) MB/.exec(told) ?? [];
  return { ms: performance.now() - startedAt, megabytes: megabytes && Number(megabytes) };
}

const node = (...args) => run(process.execPath, ['--import', telling, ...args]);

/** The commands under comparison, each on one log. */
const contenders = {
  'wc -l': (log) => run('wc', ['-l', log]),
  'grep -c EventError': (log) => run('grep', ['-c', 'EventError', log]),
  'lines alone': (log) => node(here('analyze-part.mjs'), 'lines', log),
  'events alone': (log) => node(here('analyze-part.mjs'), 'events', log),
  'sessions (library)': (log) => node(here('analyze-part.mjs'), 'sessions', log),
  'ixgate analyze --summary': (log) => node(program, 'analyze', log, '--summary'),
  'ixgate analyze --json': (log) => node(program, 'analyze', log, '--json'),
  'ixgate analyze': (log) => node(program, 'analyze', log),
};

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

async function makeLog(folder, count) {
  const path = join(folder, `${count}.log`);
  await run(process.execPath, [
    here('../scripts/make-log.mjs'),
    '--sessions',
    `${count}`,
    '--out',
    path,
  ]);
  const { size } = await stat(path);
  let lines = 0;
  for await (const chunk of createReadStream(path)) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return { path, lines, bytes: size };
}

const folder = await mkdtemp(join(tmpdir(), 'ixgate-bench-'));
try {
  const log = await makeLog(folder, sessions);
  const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, compete] of Object.entries(contenders)) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
      seen[name].push(await compete(log.path));
    }
  }
  const [wc, grep] = ['wc -l', 'grep -c EventError'].map((name) =>
    median(seen[name].map(({ ms }) => ms)),
  );
  const results = Object.entries(seen).map(([name, runs]) => {
    const all = runs.map(({ ms }) => ms);
    const ms = median(all);
    return {
      name,
      ms: Math.round(ms),
      from: Math.round(Math.min(...all)),
      to: Math.round(Math.max(...all)),
      linesPerSecond: Math.round((log.lines / ms) * 1_000),
      megabytesPerSecond: Math.round(log.bytes / ms / 1_000),
      timesWc: Number((ms / wc).toFixed(1)),
      timesGrep: Number((ms / grep).toFixed(1)),
      memory: median(runs.map(({ megabytes }) => megabytes ?? 0)) || null,
    };
  });
  console.table(Object.fromEntries(results.map(({ name, ...figures }) => [name, figures])));
  const grown = [];
  for (const count of values.grow ? [10_000, 100_000, 1_000_000] : []) {
    process.stderr.write(`${count} sessions\n`);
    const larger = await makeLog(folder, count);
    const { ms, megabytes } = await node(program, 'analyze', larger.path, '--summary');
    grown.push({ sessions: count, lines: larger.lines, ms: Math.round(ms), memory: megabytes });
    await rm(larger.path);
  }
  if (grown.length > 0) console.table(grown);
  const { version } = JSON.parse(await readFile(here('../package.json'), 'utf8'));
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  await mkdir(here('results'), { recursive: true });
  const { lines, bytes } = log;
  const report = {
    ixgate: version,
    ...machine,
    rounds,
    log: { sessions, lines, bytes },
    results,
    grown,
  };
  await writeFile(here('results/analyze.json'), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
