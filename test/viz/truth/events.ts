/** Events of the gate, the network and the pages. After each event every page is connected to a gate. */
import type { Viewer } from './viewer.js';
import type { World } from './world.js';

export type Random = () => number;

/** The text of a page without a token that the gate accepts. */
const locked = 'the gate asks for its token';

export interface TruthEvent {
  readonly name: string;
  happen(world: World, random: Random): Promise<void>;
}

function among<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** Clients register, are rejected, stay silent, send requests or disconnect. */
export async function traffic(world: World, random: Random, count = 2): Promise<void> {
  const { gate } = world;
  const actions = [
    () => gate.register(),
    () => gate.register('stranger'),
    () => gate.connect(),
    async () => {
      const client = await gate.register();
      await gate.request(client);
    },
    async () => {
      const { clients } = gate;
      if (clients.length > 0) gate.hangUp(among(clients, random));
    },
  ];
  for (let done = 0; done < count; done += 1) await among(actions, random)();
}

/** One page shows a waiting session: its deadline is on the chart. */
async function chooseWaiting(world: World, viewer: Viewer): Promise<void> {
  await world.gate.connect();
  const facts = await world.settled();
  const waiting = [...facts.deadlines.keys()].at(-1);
  if (waiting !== undefined) await viewer.choose(waiting);
  await world.settled();
}

/** The clock of the pages, which continues while the test waits. */
const pass = (world: World, milliseconds: number) =>
  (world.viewers[0] as Viewer).page.waitForTimeout(milliseconds);

async function startAgain(world: World, random: Random): Promise<void> {
  await world.startGate();
  world.found();
  // The next attempt may be seconds away.
  for (const viewer of world.viewers) await viewer.tryNow();
  await world.settled();
  await traffic(world, random);
}

/** The network loses all packets for longer than the page waits, or for less. */
async function cut(
  world: World,
  random: Random,
  viewers: readonly Viewer[],
  off: () => Promise<void>,
  on: () => Promise<void>,
): Promise<void> {
  const [first] = world.viewers;
  if (first) await chooseWaiting(world, first);
  const facts = await world.settled();
  await off();
  const at = Date.now();
  // Sessions continue, end and begin while the pages are cut off; half the time the shown session ends.
  const { gate } = world;
  const shown = gate.clients.at(-1);
  if (shown && random() < 0.5) gate.hangUp(shown);
  await traffic(world, random, 3);
  const isLong = random() < 0.5;
  if (isLong) {
    for (const viewer of viewers) viewer.lost(facts, at);
    await world.settled(viewers);
    await traffic(world, random, 1);
  }
  await on();
  for (const viewer of viewers) viewer.found();
}

export const truthEvents: readonly TruthEvent[] = [
  {
    name: 'kill -9 and a new gate, now or later',
    async happen(world, random) {
      const [first] = world.viewers;
      if (first) await chooseWaiting(world, first);
      await world.kill();
      if (random() < 0.5) await world.settled();
      await startAgain(world, random);
    },
  },
  {
    name: 'SIGTERM and a new gate',
    async happen(world, random) {
      const { gate } = world;
      gate.signal('SIGTERM');
      // Clients disconnect as requested, the last ones at the moment when the gate ends.
      for (const client of [...gate.clients]) gate.hangUp(client);
      await world.stopped();
      await world.settled();
      await startAgain(world, random);
    },
  },
  {
    name: 'drain',
    async happen(world, random) {
      const { gate } = world;
      const staying = await gate.register();
      await world.settled();
      gate.signal('SIGTERM');
      world.isStopping = true;
      await world.settled();
      await gate.request(staying);
      await world.settled();
      for (const client of [...gate.clients]) gate.hangUp(client);
      await world.stopped();
      await startAgain(world, random);
    },
  },
  {
    name: 'no network in the browser',
    async happen(world, random) {
      const contexts = [...new Set(world.viewers.map(({ context }) => context))];
      const context = among(contexts, random);
      const viewers = world.viewers.filter((viewer) => viewer.context === context);
      const set = (offline: boolean) => () => context.setOffline(offline);
      await cut(world, random, viewers, set(true), set(false));
    },
  },
  {
    name: 'a path that loses every packet',
    happen(world, random) {
      const off = async () => world.proxy.stall();
      const on = async () => world.proxy.release();
      return cut(world, random, world.viewers, off, on);
    },
  },
  {
    name: 'a gate that hangs',
    async happen(world, random) {
      const facts = await world.settled();
      world.gate.signal('SIGSTOP');
      for (const viewer of world.viewers) viewer.lost(facts, Date.now());
      await world.settled();
      world.gate.signal('SIGCONT');
      world.found();
      await traffic(world, random);
    },
  },
  {
    name: 'sleep of the pages, in which sessions go on or the gate is killed',
    async happen(world, random) {
      const [first] = world.viewers;
      if (first) await chooseWaiting(world, first);
      await world.asleep(async () => {
        if (random() < 0.5) {
          // A sleeping page cannot be compared.
          await world.killAt(await world.gate.facts());
          await world.startGate();
        }
        await traffic(world, random, 3);
      });
      world.found();
    },
  },
  {
    name: 'a tab in the background',
    async happen(world, random) {
      const viewer = among(world.viewers, random);
      await viewer.hide(true);
      await traffic(world, random, 3);
      await pass(world, 1_500);
      await viewer.hide(false);
    },
  },
  {
    name: 'reload',
    async happen(world, random) {
      for (const viewer of world.viewers) {
        if (random() < 0.5) await viewer.page.goto('about:blank');
        else await viewer.page.reload();
        if (viewer.page.url() === 'about:blank') await viewer.page.goBack();
        viewer.reloaded();
      }
      await traffic(world, random);
    },
  },
  {
    name: 'Back and Forward',
    async happen(world, random) {
      const [viewer] = world.viewers;
      if (!viewer) return;
      await world.gate.register();
      await world.gate.register();
      const { sessions } = await world.settled();
      const [one, other] = [...sessions.keys()].slice(-2);
      if (one === undefined || other === undefined) return;
      await viewer.choose(one);
      await world.settled();
      await viewer.choose(other);
      await traffic(world, random);
      await viewer.page.goBack();
      viewer.selected = one;
      await world.settled();
      await viewer.page.goForward();
      viewer.selected = other;
    },
  },
  {
    name: 'a second tab and a second browser',
    async happen(world, random) {
      const [viewer] = world.viewers;
      if (!viewer) return;
      const tab = await world.view('second tab', 0, viewer.context);
      const other = await world.view('second browser', -60_000);
      for (const one of [tab, other]) {
        await one.page.goto(`${world.url}?token=${world.token}${new URL(viewer.page.url()).hash}`);
        one.selected = viewer.selected;
        one.follows = viewer.follows;
      }
      await traffic(world, random);
      await world.settled();
      await world.close(tab);
      await world.close(other);
    },
  },
  {
    name: 'a gate with another token',
    async happen(world, random) {
      await world.kill();
      world.token = `token-of-another-gate-${Math.floor(random() * 1_000_000)}`;
      await world.startGate();
      await traffic(world, random);
      for (const viewer of world.viewers) {
        await viewer.page.getByText(locked).first().waitFor();
        viewer.isLocked = true;
      }
      await world.settled();
      for (const viewer of world.viewers) {
        const { page } = viewer;
        viewer.isLocked = false;
        await page.getByLabel('Token of the gate').fill(world.token);
        await page.getByRole('button', { name: 'Sign in' }).click();
      }
      world.found();
    },
  },
];
