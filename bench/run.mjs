// How fast clients are registered, by ixgate and by alternatives: npm run bench [-- --rounds 5 --seconds 3 --only ixgate,ws].
// Progress goes to stderr, tables to stdout, the figures to bench/results/servers.json. docs/performance.md explains them.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { cpus, release, type as system, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { contenders, makeFolder, removeFolder, versionOf } from './contenders.mjs';
import { BenchError, buildLoad, canPin, found, Load } from './load/load.mjs';
import { cpuOf, memoryOf, spread } from './measure.mjs';
import { measurePairs, reportPairs } from './pairs.mjs';
import { closeViewer, openViewer } from './viewer.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const execute = promisify(execFile);
const say = (text) => process.stderr.write(`${text}\n`);

/** Numbers of held connections at which memory and times are measured. */
const holds = [1_000, 5_000, 15_000];
/** Numbers of concurrent exchanges besides the usual 64: none may wait for a second. */
const crowds = [256, 1_024];

const usage = `npm run bench -- [--rounds N] [--seconds N] [--only NAME,NAME] [--without held,crowds]
       npm run bench -- --quick [--against FOLDER] [--json FILE] [--rounds N] [--seconds N] [--only NAME,NAME]
  --rounds N    interleaved rounds, 1 to 100 (default 5)
  --seconds N   seconds that each contender is measured in a round, 1 to 60 (default 3)
  --only NAMES  contenders whose name begins so, with commas between; the bare echo is always there
  --without     leaves out what is measured with connections held, or with more at once
  --quick       ratios of ixgate to its references, measured in pairs within some minutes (default 9 rounds of 0.5 s)
  --against     compares with the ixgate of another checkout that is built, instead of the references
  --json FILE   writes the figures of --quick to a file
`;

function settings() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        against: { type: 'string' },
        json: { type: 'string' },
        only: { type: 'string' },
        without: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit();
    }
    const { quick, against = null, json = null } = values;
    if (!quick && (against !== null || json !== null))
      throw new BenchError('--against and --json need --quick');
    const rounds = Number(values.rounds ?? (quick ? 9 : 5));
    const seconds = Number(values.seconds ?? (quick ? 0.5 : 3));
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
      throw new BenchError(`--rounds is a whole number from 1 to 100, not ${values.rounds}`);
    const least = quick ? 0.1 : 1;
    if (!(seconds >= least) || seconds > 60)
      throw new BenchError(`--seconds is a number from ${least} to 60, not ${values.seconds}`);
    const without = values.without.split(',').filter(Boolean);
    const unknown = without.find((part) => !['held', 'crowds'].includes(part));
    if (unknown) throw new BenchError(`--without is held or crowds, not ${unknown}`);
    const only = values.only?.split(',') ?? null;
    const missing = (quick ? null : only)?.find(
      (part) => !Object.keys(contenders).some((name) => name.startsWith(part)),
    );
    if (missing)
      throw new BenchError(
        `no contender's name begins with ${missing}; there are: ${Object.keys(contenders).join('; ')}`,
      );
    return { rounds, seconds, only, without, quick, against, json };
  } catch (error) {
    if (error instanceof BenchError || error.code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`bench: ${error.message}\n\n${usage}`);
      process.exit(2);
    }
    throw error;
  }
}

/** The packages of the other servers, from their lock file. */
async function installPeers() {
  const there = await stat(here('peers/node_modules/aedes')).catch(() => null);
  if (there) return;
  say('installing the packages of the other servers (bench/peers)');
  await execute('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here('peers') });
}

async function startAll(names, folder) {
  const running = [];
  for (const name of names) {
    const contender = contenders[name];
    const version = await versionOf(contender);
    if (version === null) {
      say(`SKIPPED ${name}: ${contender.version[0]} is not installed`);
      continue;
    }
    const server = await start(contender, folder);
    const viewer = contender.viewer ? await openViewer(server.feed) : null;
    server.child.kill('SIGSTOP');
    running.push({
      name,
      version,
      contender,
      server,
      viewer,
      rates: [],
      cpu: [],
      p50: [],
      p99: [],
      lost: 0,
    });
  }
  return running;
}

/** Running and paused servers: all are stopped when this process exits. */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

async function start(contender, folder) {
  const server = await contender.start(folder);
  children.add(server.child);
  server.child.once('close', () => children.delete(server.child));
  return server;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One run of the load. Servers that are not measured are paused, so that their garbage collection does not affect the measured one. */
async function measureOnce(one, options) {
  const { server, contender } = one;
  const { child } = server;
  child.kill('SIGCONT');
  await wait(300);
  const before = await cpuOf(child.pid);
  const load = new Load(server.port, contender.exchange, { tls: contender.tls, ...options });
  const told = await load.measure();
  await load.close();
  // The server's remaining work for disconnected clients counts as its own.
  await wait(200);
  const after = await cpuOf(child.pid);
  child.kill('SIGSTOP');
  const cpu = before === null || after === null ? null : (after - before) / told.exchanges;
  return {
    ...told,
    rate: told.inTime / told.seconds,
    cpu,
    lost: told.notConnected + told.closedEarly + told.tooLate,
  };
}

async function measureRates(running, { rounds, seconds }) {
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of running) {
      say(round === 0 ? `warming up: ${one.name}` : `round ${round} of ${rounds}: ${one.name}`);
      const { rate, cpu, p50, p99, lost } = await measureOnce(one, {
        seconds: round === 0 ? 1 : seconds,
      });
      one.lost += lost;
      if (round === 0) continue;
      one.rates.push(rate);
      if (cpu !== null) one.cpu.push(cpu);
      one.p50.push(p50);
      one.p99.push(p99);
    }
  }
}

/** The effect of higher concurrency on the slowest exchange. */
async function measureCrowds(running) {
  const crowded = [];
  for (const one of running) {
    for (const inFlight of crowds) {
      say(`${inFlight} at once: ${one.name}`);
      const { p50, p99, max, rate, lost } = await measureOnce(one, { seconds: 2, inFlight });
      crowded.push({ name: one.name, inFlight, rate: Math.round(rate), p50, p99, max, lost });
    }
  }
  return crowded;
}

/** Memory of a held connection, and the effect of held connections on the time of a new one. */
async function measureHeld(names, folder) {
  const held = [];
  for (const name of names) {
    const contender = contenders[name];
    if ((await versionOf(contender)) === null) continue;
    for (const hold of holds) {
      say(`${hold} held: ${name}`);
      // A separate process for each, without leftovers of earlier connections.
      const server = await start(contender, folder);
      const { pid } = server.child;
      const [heapBefore, memoryBefore] = [await server.heap(), await memoryOf(pid)];
      const load = new Load(server.port, contender.exchange, {
        tls: contender.tls,
        hold,
        seconds: 5,
      });
      try {
        await load.held();
        const [heapAfter, memoryAfter] = [await server.heap(), await memoryOf(pid)];
        const { p50, p99, max } = await load.measure();
        const each = (before, after) =>
          before === null ? null : Math.round((after - before) / hold);
        held.push({
          name,
          held: hold,
          memory: each(memoryBefore, memoryAfter),
          heap: each(heapBefore, heapAfter),
          ...{ p50, p99, max },
        });
      } catch (error) {
        say(`SKIPPED ${hold} held, ${name}: ${error.message}`);
      } finally {
        await load.close();
        await stop(server);
      }
    }
  }
  return held;
}

async function stop({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGTERM');
  child.kill('SIGCONT');
  await gone;
}

async function stopAll(running) {
  for (const { server, viewer } of running.splice(0)) {
    closeViewer(viewer);
    await stop(server);
  }
}

function summary(running) {
  const echo = spread(running[0].rates).median;
  const echoCpu = running[0].cpu.length > 0 ? spread(running[0].cpu).median : null;
  return running.map(({ name, version, rates, cpu, p50, p99, lost }) => {
    const rate = spread(rates, 0);
    const each = cpu.length > 0 ? spread(cpu, 1) : null;
    return {
      name,
      version,
      rate,
      cpu: each,
      rateOfEcho: Number((spread(rates).median / echo).toFixed(3)),
      cpuOfEcho: each && Number((spread(cpu).median / echoCpu).toFixed(3)),
      p50: spread(p50).median,
      p99: spread(p99).median,
      lost,
    };
  });
}

async function main() {
  const { rounds, seconds, only, without, quick, against, json } = settings();
  await stat(here('../dist/adapters/server/index.js')).catch(() => {
    throw new BenchError('the package is not built: run npm run build first');
  });
  const hasTls = (await buildLoad()) && (await found('openssl'));
  await installPeers();
  if (!canPin)
    say(
      'servers and load share their cores: there is only one, or taskset is missing. Ratios are less reliable then.',
    );
  if (quick) {
    await runPairs({ rounds, seconds, only, against, json, hasTls });
    return;
  }
  const wanted = Object.keys(contenders).filter((name, at) => {
    if (contenders[name].tls && !hasTls) {
      say(`SKIPPED ${name}: OpenSSL or its headers are not installed`);
      return false;
    }
    return at === 0 || only === null || only.some((part) => name.startsWith(part));
  });
  // Viewers are in this process, so that they do not add to the servers' cost.
  if (canPin) await execute('taskset', ['-apc', '1', String(process.pid)]);
  const folder = await makeFolder();
  let running = [];
  try {
    running = await startAll(wanted, folder);
    await measureRates(running, { rounds, seconds });
    const results = summary(running);
    const ours = running.filter(({ name }) => !name.includes(' + '));
    const crowded = without.includes('crowds') ? [] : await measureCrowds(ours);
    await stopAll(running);
    const heldNames = wanted.filter((name) => !name.includes(' + ') || name === 'ixgate + tls');
    const held = without.includes('held') ? [] : await measureHeld(heldNames, folder);
    await report(
      { rounds, seconds, results, crowded, held },
      only === null && without.length === 0,
    );
  } finally {
    await stopAll(running);
    await removeFolder(folder);
  }
}

async function runPairs(options) {
  if (canPin) await execute('taskset', ['-apc', '1', String(process.pid)]);
  const folder = await makeFolder();
  const startOne = async (contender, place) => {
    const server = await start(contender, place);
    return { ...server, stop: () => stop(server) };
  };
  try {
    await reportPairs(await measurePairs(options, startOne, folder), options);
  } finally {
    await removeFolder(folder);
  }
}

/** @param isWhole a partial run is printed and not stored: docs/performance.md is generated from one full run */
async function report({ rounds, seconds, results, crowded, held }, isWhole) {
  const { version } = JSON.parse(await readFile(here('../package.json'), 'utf8'));
  const [{ model }] = cpus();
  const machine = {
    node: process.version,
    system: `${system()} ${release()}`,
    cpus: cpus().length,
    model,
    memory: totalmem(),
    pinned: canPin,
  };
  console.table(
    Object.fromEntries(
      results.map(({ name, rate, cpu, rateOfEcho, cpuOfEcho, p50, p99, lost }) => [
        name,
        {
          'per second': rate.median,
          'of the echo': rateOfEcho,
          'CPU us': cpu?.median ?? '-',
          'CPU of the echo': cpuOfEcho ?? '-',
          p50,
          p99,
          lost,
        },
      ]),
    ),
  );
  if (crowded.length > 0) console.table(crowded);
  if (held.length > 0) console.table(held);
  if (!isWhole) {
    say('not written to bench/results: only a full run is stored');
    return;
  }
  await mkdir(here('results'), { recursive: true });
  const file = here('results/servers.json');
  const all = {
    ixgate: version,
    at: new Date().toISOString(),
    machine,
    rounds,
    seconds,
    inFlight: 64,
    results,
    crowded,
    held,
  };
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
  say('written to bench/results/servers.json');
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
