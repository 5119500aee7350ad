import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generatorOf } from '../../machines/engine/testgen/random.js';
import { freePort } from '../support/free-port.js';
import { type FaultName, faults, type Target } from './chaos-faults.js';
import { Crowd } from './crowd.js';
import { CuttingProxy } from './cutting-proxy.js';
import { GateProcess } from './gate-process.js';
import { epochsBackwards, overlaps, registrationsIn, sharedEpochs } from './history.js';
import { StoreProcess } from './store-process.js';

export interface ChaosOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly policy: 'reject' | 'takeover';
  readonly onLoss: 'close' | 'keep';
  readonly claimsOnLoss?: 'refuse' | 'provisional';
  /** Equal seeds give equal faults; what they meet depends on the machine. */
  readonly seed: number;
  readonly faults: readonly FaultName[];
  /** Milliseconds. */
  readonly duration: number;
}

/** What a run came to. All lists are empty when the gates kept their promises. */
export interface ChaosOutcome {
  readonly faults: readonly FaultName[];
  readonly registrations: number;
  readonly sharedEpochs: readonly string[];
  readonly epochsBackwards: readonly string[];
  readonly overlaps: readonly string[];
  /** Clients that were not registered when all was quiet. */
  readonly away: readonly string[];
  /** Sessions that only a gate or only the store has when all is quiet. */
  readonly disagreements: readonly string[];
  readonly crashes: readonly string[];
}

const nodes = ['a', 'b', 'c'];
const lease = 1_500;
const cluster = 'chaos';
/** Milliseconds until all clients must be back after the last fault. */
const backAfter = 60_000;

/** Three gates, each with a link of its own to one Redis, their clients, and faults one after the other. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const open: AsyncDisposable[] = [];
  const opened = <One extends AsyncDisposable>(one: One): One => {
    open.unshift(one);
    return one;
  };
  try {
    return await runOpen(options, opened);
  } finally {
    for (const one of open) await one[Symbol.asyncDispose]();
  }
}

async function runOpen(
  options: ChaosOptions,
  opened: <One extends AsyncDisposable>(one: One) => One,
): Promise<ChaosOutcome> {
  const { folder, duration } = options;
  const store = opened(await StoreProcess.open(folder));
  const proxies = [];
  for (const _ of nodes) proxies.push(opened(await CuttingProxy.open(store.port)));
  const gates = (await openGates(options, proxies)).map(opened);
  await Promise.all(gates.map((gate) => gate.start()));
  const random = generatorOf(options.seed);
  const ports = gates.map(({ port }) => port);
  const crowd = opened(
    new Crowd({ ports, clients: 50, random: Math.random, requestInterval: 200 }),
  );
  crowd.stir({ moves: 300, rivals: 100 });
  const applied = await applyFaults({ gates, proxies, store, lease }, options, random, duration);
  await crowd.calm();
  const deadline = performance.now() + backAfter;
  while (crowd.away.length > 0 && performance.now() < deadline) await sleep(100);
  const { away } = crowd;
  // Two renewals, with what they find.
  await sleep(lease);
  const disagreements = await settledDisagreements(gates, store);
  const crashes = gates.flatMap((gate) => gate.crashes);
  await crowd[Symbol.asyncDispose]();
  for (const gate of gates) await gate.stop();
  const registrations = await registrationsIn(join(folder, 'records'));
  return {
    ...{ faults: applied, registrations: registrations.length, away, disagreements, crashes },
    sharedEpochs: sharedEpochs(registrations),
    epochsBackwards: epochsBackwards(registrations, lease),
    overlaps: overlaps(registrations, 5),
  };
}

async function openGates(
  { folder, policy, onLoss, claimsOnLoss = 'refuse' }: ChaosOptions,
  proxies: readonly CuttingProxy[],
): Promise<GateProcess[]> {
  const list = join(folder, 'clients.json');
  await writeFile(list, JSON.stringify({ clients: [{ pattern: 'desk-*', cap: 1 }] }));
  const gates = [];
  for (const [at, node] of nodes.entries()) {
    const records = join(folder, 'records', node);
    await mkdir(records, { recursive: true });
    gates.push(
      new GateProcess(node, await freePort(), [
        ...['--clients', list, '--name-policy', policy, '--drain', '1s'],
        ...['--directory', `redis://127.0.0.1:${proxies[at]?.port}`, '--cluster', cluster],
        ...['--lease', `${lease}ms`, '--on-directory-loss', onLoss],
        ...['--claims-on-directory-loss', claimsOnLoss],
        ...['--record', records, '--record-sync', 'always'],
      ]),
    );
  }
  return gates;
}

/** Applies them until the time is over. @returns their names */
async function applyFaults(
  target: Target,
  options: ChaosOptions,
  random: () => number,
  duration: number,
): Promise<FaultName[]> {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const applied: FaultName[] = [];
  const end = performance.now() + duration;
  while (performance.now() < end) {
    const name = pick(options.faults);
    applied.push(name);
    await faults[name](target, pick, random);
    await sleep(lease * (0.1 + 0.5 * random()));
  }
  return applied;
}

/** Compares the gates with the store until they agree, for four renewals. */
async function settledDisagreements(
  gates: readonly GateProcess[],
  store: StoreProcess,
): Promise<string[]> {
  let last: string[] = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    last = await disagreements(gates, store);
    if (last.length === 0) return [];
    await sleep(lease / 4);
  }
  return last;
}

async function disagreements(
  gates: readonly GateProcess[],
  store: StoreProcess,
): Promise<string[]> {
  const lines = (await Promise.all(gates.map((gate) => gate.sessions()))).flat();
  const key = (one: { node?: unknown; clientName?: unknown; epoch?: unknown }, id: unknown) =>
    `${one.node} ${id} ${one.clientName} ${one.epoch}`;
  const inGates = lines.map((line) => key(line, line.id));
  const inStore = (await store.sessions(cluster, lease)).map((one) => key(one, one.session));
  const names = new Set<unknown>();
  const doubles = lines.filter(({ clientName }) => names.has(clientName) || !names.add(clientName));
  return [
    ...inGates.filter((one) => !inStore.includes(one)).map((one) => `only in the gate: ${one}`),
    ...inStore.filter((one) => !inGates.includes(one)).map((one) => `only in the store: ${one}`),
    ...doubles.map(({ clientName }) => `two sessions of ${clientName}`),
  ];
}
