// What a cluster costs: npm run bench:cluster [-- --rounds 9 --quick --json FILE]. It needs redis-server, and reads CPU time from /proc, as
// Linux has it. Ratios are medians of pairs that run one after the other, so that a busy machine slows both. Progress goes to stderr.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runPart, startRedis } from './cluster/processes.mjs';
import { measureRegistrations } from './cluster/registrations.mjs';
import { measureDeadNode, measureTakeovers } from './cluster/takeover.mjs';
import { makeFolder, removeFolder, versionOf } from './contenders.mjs';
import { BenchError, buildLoad, canPin, found } from './load/load.mjs';
import { spread } from './measure.mjs';

const usage = `npm run bench:cluster -- [--rounds N] [--quick] [--json FILE]
  --rounds N   pairs of which the median is taken, 1 to 100 (default 9)
  --quick      a tenth of the work, to see whether it runs
  --json FILE  also writes all figures to a file
`;
const say = (text) => process.stderr.write(`${text}\n`);

function settings() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const { quick, json } = values;
    const rounds = Number(values.rounds ?? (quick ? 3 : 9));
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
      throw new BenchError(`--rounds is a whole number from 1 to 100, not ${values.rounds}`);
    return { rounds, quick, json };
  } catch (error) {
    if (error instanceof BenchError || error.code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`bench: ${error.message}\n\n${usage}`);
      process.exit(2);
    }
    throw error;
  }
}

/** A number of a sorted list: 0.5 is the median. */
function quantile(numbers, part) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

const ratios = (ones, others) => spread(ones.map((one, at) => one / others[at]));
const withRange = ({ median, from, to }, unit = '') => `${median}${unit} (${from} to ${to})`;

/** Each with a Redis that holds nothing else. */
async function withRedis(folder, measure) {
  const redis = await startRedis(folder);
  try {
    return await measure(redis);
  } finally {
    await redis.stop();
  }
}

async function measureAll(folder, { rounds, quick }) {
  const registrations = await withRedis(folder, ({ url }) =>
    measureRegistrations(url, { rounds, seconds: quick ? 0.5 : 3, say }),
  );
  say(`claims: ${rounds} rounds`);
  const claims = await withRedis(folder, ({ url }) =>
    runPart('claims.mjs', url, String(quick ? 5_000 : 20_000), String(rounds)),
  );
  const takeovers = await withRedis(folder, ({ url }) =>
    measureTakeovers(url, { takeovers: quick ? 100 : 1_000, say }),
  );
  const dead = await withRedis(folder, ({ url }) =>
    measureDeadNode(url, { names: 1_000, rounds: quick ? 1 : 3, say }),
  );
  const sessions = quick ? 10_000 : 100_000;
  say(`the store with ${sessions} sessions`);
  const store = await withRedis(folder, ({ url, child }) =>
    runPart('store.mjs', url, String(child.pid), String(sessions), quick ? '10' : '100'),
  );
  return { registrations, claims, takeovers, dead, store: { sessions, ...store } };
}

function rowsOf({ registrations, claims, takeovers, dead, store }) {
  const cpu = ratios(registrations.with, registrations.without);
  const rate = ({ member, plain }) => ratios(member, plain);
  const ms = (times, part) => quantile(times, part).toFixed(2);
  const [last, lease] = [Math.max(...dead.last), dead.lease];
  const row = (figure, target, measured, isMet) => ({
    ...{ figure, target, measured, met: isMet ? 'yes' : 'NO' },
  });
  const [granted, heard] = [takeovers.granted, takeovers.heard];
  return [
    row(
      'gate CPU of a registration, with a claim / without',
      '1.4 or less',
      `${withRange(cpu)}: ${spread(registrations.with, 1).median} / ${spread(registrations.without, 1).median} us`,
      cpu.median <= 1.4,
    ),
    row(
      'claims and releases a second, member / SET NX and DEL',
      '0.5 or more',
      `${withRange(rate(claims.pairs))}: ${spread(claims.pairs.member, 0).median} / ${spread(claims.pairs.plain, 0).median}`,
      rate(claims.pairs).median >= 0.5,
    ),
    row(
      'claims a second, member / SET NX',
      '-',
      `${withRange(rate(claims.alone))}: ${spread(claims.alone.member, 0).median} / ${spread(claims.alone.plain, 0).median}`,
      true,
    ),
    row(
      'takeover from A to B: granted',
      'p50 2 ms, p99 20 ms',
      `p50 ${ms(granted, 0.5)} ms, p99 ${ms(granted, 0.99)} ms (a name that is free: p50 ${ms(takeovers.plain, 0.5)} ms)`,
      quantile(granted, 0.5) <= 2 && quantile(granted, 0.99) <= 20,
    ),
    row(
      'takeover from A to B: heard by the client of A',
      'p50 2 ms, p99 20 ms',
      `p50 ${ms(heard, 0.5)} ms, p99 ${ms(heard, 0.99)} ms`,
      quantile(heard, 0.5) <= 2 && quantile(heard, 0.99) <= 20,
    ),
    row(
      "a dead node's 1,000 names are free",
      `${lease / 1_000} s + 1 s`,
      `first ${(Math.min(...dead.first) / 1_000).toFixed(2)} s, last ${(last / 1_000).toFixed(2)} s`,
      last <= lease + 1_000,
    ),
    row(
      `memory of the store a session, ${store.sessions} sessions`,
      '225 bytes or less',
      `${store.memory.toFixed(0)} bytes`,
      store.memory <= 225,
    ),
    row(
      `CPU of the store for a round of renewals, ${store.partitions} partitions`,
      'under 5 ms',
      `${store.cpu.toFixed(2)} ms (${store.scripts.toFixed(2)} ms in the scripts)`,
      store.cpu < 5,
    ),
  ];
}

async function main() {
  const options = settings();
  const version = await versionOf({ version: ['redis-server', '--version'] });
  if (version === null) throw new BenchError('redis-server is not installed');
  if (!(await found('taskset'))) say('taskset is missing: all processes share the cores');
  await buildLoad();
  const folder = await makeFolder();
  try {
    const loadBefore = loadavg()[0].toFixed(1);
    const figures = await measureAll(folder, options);
    const rows = rowsOf(figures);
    const machine = {
      ...{ node: process.version, redis: version, cpus: cpus().length, model: cpus()[0].model },
      ...{ pinned: canPin, load: { before: loadBefore, after: loadavg()[0].toFixed(1) } },
    };
    const { load } = machine;
    console.log(
      `Node ${machine.node}, Redis ${version}, ${machine.cpus} cores, load ${load.before} before and ${load.after} after, ${options.rounds} rounds`,
    );
    for (const { figure, target, measured, met } of rows) {
      console.log(`${met.padEnd(4)}${figure.padEnd(64)} ${target.padEnd(20)} ${measured}`);
    }
    if (figures.registrations.lost > 0)
      console.log(`${figures.registrations.lost} registrations failed`);
    if (options.json) {
      const all = { at: new Date().toISOString(), machine, rounds: options.rounds, rows, figures };
      await writeFile(options.json, `${JSON.stringify(all, null, 2)}\n`);
    }
  } finally {
    await removeFolder(folder);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
