// Ratios that hold on a shared machine: npm run bench -- --quick [--json FILE]. In each round a server and its reference are measured back
// to back; the figure is the median of the ratios of the rounds. Rounds in which the machine was busy are repeated and counted.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { contenders, ixgateIn } from './contenders.mjs';
import { canPin, Load } from './load/load.mjs';
import { cpuOf, spread } from './measure.mjs';
import { closeViewer, openViewer } from './viewer.mjs';

/** A reference whose CPU differs by more from its median is a sign of a busy machine. */
const maxMove = 0.25;
/** Share of the time that other machines may take. */
const maxSteal = 0.03;
const minRounds = 9;

const say = (text) => process.stderr.write(`${text}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Groups of servers; each is compared with the first, the reference. */
function ownGroups() {
  const ixgate = ixgateIn('..');
  return [
    {
      reference: ['hand-written gate', contenders['hand-written gate']],
      members: [['tcp', ixgate.tcp, { cpu: 1.03, p99: 1.3 }]],
    },
    {
      reference: ['hand-written gate + addresses', contenders['hand-written gate + addresses']],
      members: [['tcp, no address exempt', ixgate['no address exempt'], { cpu: 0.98 }]],
    },
    {
      reference: ['ixgate', ixgate.tcp],
      members: [
        ['page on', ixgate.page, { cpu: 1.1 }],
        ['page, viewer', ixgate['page, viewer'], { cpu: 1.15 }],
        ['recording', ixgate.recording, { cpu: 1.12 }],
        ['page, viewer, recording', ixgate['page, viewer, recording'], { cpu: 1.25 }],
      ],
    },
    { reference: ['bare ws', contenders.ws], members: [['ws', ixgate.ws, { cpu: 1.05 }]] },
    {
      reference: ['bare Node TLS echo', contenders['bare Node TLS echo']],
      members: [['tls, full handshake', ixgate.tls, { cpu: 1.05 }]],
    },
  ];
}

/** Each way of running ixgate, compared with the ixgate of another checkout. */
function groupsAgainst(folder) {
  const [own, other] = [ixgateIn('..'), ixgateIn(resolve(folder))];
  return Object.keys(own).map((name) => ({
    reference: [`${name} of ${folder}`, other[name]],
    members: [[name, own[name], { cpu: null }]],
  }));
}

/**
 * @param options rounds, at least 9 for a result that is worth something; seconds of each measurement; the folder of another checkout to
 * compare with, or null
 * @returns the figures by name
 */
export async function measurePairs(options, start, folder) {
  const { rounds, seconds, against, only, hasTls } = options;
  const all = against === null ? ownGroups() : groupsAgainst(against);
  const groups = all
    .map(({ reference, members }) => ({
      reference,
      members: members.filter(
        ([name]) => only === null || only.some((part) => name.startsWith(part)),
      ),
    }))
    .filter(({ reference, members }) => members.length > 0 && (hasTls || !reference[1].tls));
  const figures = {};
  let repeated = 0;
  for (const group of groups)
    repeated += await measureGroup(group, { rounds, seconds }, start, folder, figures);
  return { figures, repeated };
}

async function measureGroup({ reference, members }, { rounds, seconds }, start, folder, figures) {
  const servers = [];
  for (const [name, contender] of [reference, ...members]) {
    const server = await start(contender, folder);
    const viewer = contender.viewer ? await openViewer(server.feed) : null;
    servers.push({ name, contender, server, viewer, measured: [] });
  }
  const [first] = servers;
  let repeated = 0;
  for (const one of servers) await measureOnce(one, 1);
  for (let round = 0; round < rounds; ) {
    const steal = await stealOf();
    const ordered = round % 2 === 0 ? servers : servers.toReversed();
    const now = new Map();
    for (const one of ordered) now.set(one, await measureOnce(one, seconds));
    const before = first.measured.map(({ cpu }) => cpu);
    const moved = before.length < 3 ? 0 : Math.abs(now.get(first).cpu / spread(before).median - 1);
    const isBusy = moved > maxMove || stolen(steal, await stealOf()) > maxSteal;
    if (isBusy && repeated < rounds * 2) {
      repeated += 1;
      continue;
    }
    for (const [one, measured] of now) one.measured.push(measured);
    round += 1;
  }
  for (const [at, [name, , targets]] of members.entries()) {
    for (const [kind, target] of Object.entries(targets)) {
      const ratios = servers[at + 1].measured.map(
        (one, index) => one[kind] / first.measured[index][kind],
      );
      const { median, from, to } = spread(ratios);
      const figure = { ratio: median, low: from, high: to, target };
      figures[`${name}: ${kind === 'cpu' ? 'CPU' : kind} to ${first.name}`] = figure;
      say(`${name}: ${median} (${from} to ${to})`);
    }
  }
  for (const { server, viewer } of servers) {
    closeViewer(viewer);
    await server.stop();
  }
  return repeated;
}

async function measureOnce({ server, contender }, seconds) {
  const before = await cpuOf(server.child.pid);
  const load = new Load(server.port, contender.exchange, { tls: contender.tls, seconds });
  const told = await load.measure();
  await load.close();
  // The server's remaining work for disconnected clients counts as its own.
  await sleep(150);
  const after = await cpuOf(server.child.pid);
  return { cpu: (after - before) / told.exchanges, p99: told.p99 };
}

/** Ticks of the machine's processors: in all, and taken by other machines. */
async function stealOf() {
  const [line] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, one) => sum + one, 0), steal: ticks[7] ?? 0 };
}

function stolen(before, after) {
  return (after.steal - before.steal) / Math.max(1, after.all - before.all);
}

/** Prints the figures, and writes them to a file where one is given. */
export async function reportPairs({ figures, repeated }, { rounds, against, json }) {
  const [{ model }] = cpus();
  console.log(
    `Node ${process.version}, ${cpus().length} cores (${model}), ${rounds} pairs, ${repeated} rounds repeated`,
  );
  if (rounds < minRounds) console.log(`fewer than ${minRounds} pairs: a rough look only`);
  if (!canPin) console.log('servers and load share their cores: ratios are less reliable');
  for (const [name, { ratio, low, high, target }] of Object.entries(figures)) {
    const aim = target === null ? '' : `target ${target}`;
    console.log(`${name.padEnd(64)} ${String(ratio).padStart(6)} (${low} to ${high}) ${aim}`);
  }
  if (json)
    await writeFile(
      json,
      `${JSON.stringify(against === null ? figures : { against, figures }, null, 2)}\n`,
    );
}
