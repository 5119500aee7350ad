/** Random lives of three gates that share a store, with faults, in simulated time. Equal seeds give equal lives. */
import type { MemberClaim } from '../../adapters/directory/member.js';
import { generatorOf } from '../../machines/engine/testgen/random.js';
import { lease, SimulatedGate, World } from './simulated-gate.js';

const nodes = ['a', 'b', 'c'];
/** The names and their caps. */
const caps: Readonly<Record<string, number>> = { one: 1, two: 1, three: 1, pair: 2, triple: 3 };
const names = Object.keys(caps);
const actionCount = 400;

/** What a life may contain. */
interface Mode {
  readonly onLoss: 'keep' | 'close';
  readonly claimsOnLoss: 'refuse' | 'provisional';
  readonly policies: readonly MemberClaim['policy'][];
  /** Whether the store loses writes that it has acknowledged. */
  readonly losesWrites: boolean;
  /** Whether its clock jumps in both directions, or only back. */
  readonly clockJumps: 'none' | 'back' | 'both';
}

/** A promise that was broken, and how to come there again. */
export interface BrokenPromise {
  readonly seed: number;
  readonly problem: string;
  readonly mode: Mode;
  readonly actions: readonly string[];
}

/** A gate, or the process that follows it under the same name. */
interface Seat {
  gate: SimulatedGate;
  state: 'starting' | 'running' | 'gone';
  isResuming: boolean;
}

class RandomCluster {
  readonly #random: () => number;
  readonly #mode: Mode;
  readonly #world: World;
  /** Whether no name may have more owners than its cap at any moment. */
  readonly #isStrict: boolean;
  readonly #seats: Seat[];
  readonly #epochs = new Map<string, number>();
  readonly #granted = new Map<string, string>();
  #sessions = 0;
  #broken: string | null = null;
  readonly actions: string[] = [];

  constructor(random: () => number, mode: Mode) {
    this.#random = random;
    this.#mode = mode;
    this.#world = new World(lease, mode.losesWrites);
    this.#isStrict =
      mode.onLoss === 'close' &&
      mode.claimsOnLoss === 'refuse' &&
      !mode.losesWrites &&
      mode.clockJumps !== 'both' &&
      !mode.policies.includes('takeover');
    this.#seats = nodes.map((node) => this.#seat(node));
    this.#world.store.onGrant = (clientName, epoch) => {
      const last = this.#epochs.get(clientName) ?? 0;
      if (epoch <= last) this.#break(`epoch ${epoch} of ${clientName} after ${last}`);
      this.#epochs.set(clientName, epoch);
    };
  }

  /** @returns the promise that was broken, or null */
  async run(): Promise<string | null> {
    try {
      for (const seat of this.#seats) this.#start(seat);
      await this.#pass(100);
      for (let index = 0; index < actionCount && this.#broken === null; index += 1) {
        await this.#act();
        if (this.#isStrict) this.#checkOverlaps();
      }
      if (this.#broken === null) await this.#quiet();
      if (this.#broken === null) await this.#checkAgreement();
    } catch (error) {
      this.#break(error instanceof Error ? `${error.stack}` : String(error));
    }
    return this.#broken;
  }

  #seat(node: string): Seat {
    const { onLoss, claimsOnLoss } = this.#mode;
    const gate = new SimulatedGate(this.#world, node, { onLoss, claimsOnLoss });
    return { gate, state: 'gone', isResuming: false };
  }

  #start(seat: Seat): void {
    const { gate } = Object.assign(seat, this.#seat(seat.gate.node), { state: 'starting' });
    gate.open().then(
      () => {
        if (seat.gate === gate) seat.state = 'running';
      },
      () => {
        if (seat.gate === gate) seat.state = 'gone';
      },
    );
  }

  async #act(): Promise<void> {
    const seat = this.#pick(this.#seats);
    const { gate } = seat;
    const { faults } = gate;
    const note = (text: string) =>
      this.actions.push(`${this.#world.time.now % 1e8} ${gate.node} ${text}`);
    const share = this.#random();
    if (share < 0.35) return this.#claim(seat, note);
    if (share < 0.5) return this.#end(seat, note);
    if (share < 0.75) {
      const ms = this.#below(this.#pick([20, 300, 1_000, 3_000]));
      note(`pass ${ms}`);
      return this.#pass(ms);
    }
    if (share < 0.79) {
      if (!faults.isCut) note('cut');
      else note('heal');
      if (!faults.isCut) return gate.cut();
      return gate.heal();
    }
    if (share < 0.83) return this.#pauseOrResume(seat, note);
    if (share < 0.88) {
      const [slowest, losses] = [this.#pick([0, 5, 200, 700]), this.#pick([0, 0, 0.05, 0.3])];
      note(`delays up to ${slowest}, losses ${losses}`);
      return this.#setFaults(seat, slowest, losses);
    }
    if (share < 0.91) {
      gate.clock.wallOffset = this.#below(20_000) - 10_000;
      note(`wall clock ${gate.clock.wallOffset}`);
      return;
    }
    if (share < 0.94) return this.#disturbStore(note);
    if (share < 0.96) return this.#leave(seat, note);
    if (seat.state !== 'gone') return;
    note('start');
    this.#start(seat);
  }

  #claim(seat: Seat, note: (text: string) => void): void {
    const { gate } = seat;
    if (seat.state !== 'running' || gate.clock.isPaused) return;
    this.#sessions += 1;
    const [session, name] = [`s${this.#sessions}`, this.#pick(names)];
    const policy = this.#pick(this.#mode.policies);
    note(`claim ${name} for ${session} by ${policy}`);
    void gate.claim(session, name, { policy, cap: caps[name] ?? 1 }).then((outcome) => {
      if (seat.gate !== gate || seat.state !== 'running') return;
      if (!outcome.granted) return;
      note(`granted ${name} to ${session} at ${outcome.epoch}`);
      if (outcome.epoch !== null) this.#checkUnique(name, outcome.epoch, session);
      if (this.#isStrict) this.#checkOverlaps(session);
    });
  }

  /** A session ends by itself, or falls silent. */
  #end({ gate, state }: Seat, note: (text: string) => void): void {
    if (state !== 'running' || gate.clock.isPaused || gate.sessions.size === 0) return;
    const session = this.#pick([...gate.sessions.keys()]);
    if (this.#random() < 0.2) {
      note(`silent ${session}`);
      gate.silent.add(session);
      return;
    }
    note(`end ${session}`);
    gate.release(session);
  }

  async #pauseOrResume(seat: Seat, note: (text: string) => void): Promise<void> {
    const { clock } = seat.gate;
    if (!clock.isPaused) {
      note('pause');
      clock.pause();
      return;
    }
    note('resume');
    await this.#resume(seat);
  }

  async #resume(seat: Seat): Promise<void> {
    seat.isResuming = true;
    await seat.gate.clock.resume((held) => {
      const order = held.map((run) => ({ run, place: this.#random() }));
      return order.sort((one, other) => one.place - other.place).map(({ run }) => run);
    });
    await this.#pass(0);
    seat.isResuming = false;
  }

  #setFaults({ gate: { faults } }: Seat, slowest: number, losses: number): void {
    const isLost = () => this.#random() < losses;
    Object.assign(faults, {
      delay: () => this.#below(slowest),
      losesRequest: isLost,
      losesAnswer: isLost,
      losesKick: isLost,
      losesMessage: isLost,
    });
  }

  #disturbStore(note: (text: string) => void): void {
    const { store } = this.#world;
    const { losesWrites, clockJumps } = this.#mode;
    if (losesWrites) {
      const lost = this.#random() < 0.3 ? store.size : this.#below(30);
      note(`store loses ${lost} writes`);
      // A failover takes time.
      store.clockOffset += 1;
      store.restore(Math.max(0, store.size - lost));
    } else if (clockJumps !== 'none') {
      const back = Math.max(-30_000, store.clockOffset - this.#below(3_000));
      store.clockOffset = clockJumps === 'back' ? back : this.#below(20_000) - 10_000;
      note(`clock of the store is ${store.clockOffset} ms ahead`);
    }
  }

  #leave(seat: Seat, note: (text: string) => void): void {
    const { gate } = seat;
    if (seat.state !== 'running') return;
    if (this.#random() < 0.5 || gate.clock.isPaused) {
      note('kill');
      gate.kill();
    } else {
      note('close');
      gate.sessions.clear();
      void gate.member.close();
    }
    seat.state = 'gone';
  }

  /** The faults end, and no client claims any more. */
  async #quiet(): Promise<void> {
    this.actions.push(`${this.#world.time.now % 1e8} quiet`);
    for (const seat of this.#seats) {
      this.#setFaults(seat, 5, 0);
      seat.gate.heal();
      await this.#resume(seat);
    }
    for (let round = 0; round < 6; round += 1) {
      for (const seat of this.#seats) if (seat.state === 'gone') this.#start(seat);
      await this.#pass(lease / 2);
    }
    await this.#pass(2 * lease);
  }

  async #checkAgreement(): Promise<void> {
    this.#checkOverlaps();
    const stored = this.#world.store.held();
    for (const { gate, state } of this.#seats) {
      if (state !== 'running' || gate.member.state !== 'live') {
        return this.#break(`${gate.node} is ${state} and not live`);
      }
      const own = [...gate.sessions].map(
        ([session, name]) => `${session} ${name} ${gate.epochOf(session)}`,
      );
      const held = stored
        .filter(({ node }) => node === gate.node)
        .flatMap(({ names }) =>
          names.map(({ session, clientName, epoch }) => `${session} ${clientName} ${epoch}`),
        );
      const [ownText, heldText] = [own.sort().join(', '), held.sort().join(', ')];
      if (ownText !== heldText || gate.member.names !== own.length) {
        this.#break(
          `${gate.node} has [${ownText}], the store [${heldText}], its member ${gate.member.names}`,
        );
      }
    }
    if (stored.length !== nodes.length) this.#break(`${stored.length} incarnations are left`);
  }

  #checkUnique(name: string, epoch: number, session: string): void {
    const grant = `${name} ${epoch}`;
    const other = this.#granted.get(grant);
    if (other !== undefined) this.#break(`${grant} was granted to ${other} and ${session}`);
    this.#granted.set(grant, session);
  }

  /** No name has more owners than its cap. @param granted counts also where its gate has not come back from a pause yet */
  #checkOverlaps(granted: string | null = null): void {
    const left = new Map(Object.entries(caps));
    for (const { gate, state, isResuming } of this.#seats) {
      if (state !== 'running') continue;
      const isAway = gate.clock.isPaused || isResuming;
      for (const [session, name] of gate.sessions) {
        if (isAway && session !== granted) continue;
        const room = (left.get(name) ?? 0) - 1;
        if (room < 0) this.#break(`${name} has too many owners: ${this.#ownersOf(name)}`);
        left.set(name, room);
      }
    }
  }

  #ownersOf(clientName: string): string {
    return this.#seats
      .flatMap(({ gate }) =>
        [...gate.sessions].flatMap(([session, name]) =>
          name === clientName ? [`${gate.node} ${session}`] : [],
        ),
      )
      .join(', ');
  }

  #break(problem: string): void {
    this.#broken ??= problem;
  }

  async #pass(ms: number): Promise<void> {
    await this.#world.pass(ms);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.#below(choices.length)] as Choice;
  }
}

function modeOf(random: () => number): Mode {
  const pick = <Choice>(choices: readonly Choice[]) =>
    choices[Math.floor(random() * choices.length)] as Choice;
  const isStrict = random() < 0.4;
  if (isStrict) {
    const policies = pick([['reject'], ['reject', 'probe']] as const);
    const clockJumps = pick(['none', 'back'] as const);
    return { onLoss: 'close', claimsOnLoss: 'refuse', policies, losesWrites: false, clockJumps };
  }
  const losesWrites = random() < 0.5;
  return {
    onLoss: pick(['keep', 'close']),
    claimsOnLoss: pick(['refuse', 'provisional']),
    policies: pick([['reject'], ['takeover'], ['reject', 'probe', 'takeover']] as const),
    losesWrites,
    clockJumps: losesWrites ? 'none' : pick(['none', 'back', 'both']),
  };
}

async function broken(seed: number): Promise<BrokenPromise | null> {
  const random = generatorOf(seed);
  const mode = modeOf(random);
  const cluster = new RandomCluster(random, mode);
  const problem = await cluster.run();
  return problem === null ? null : { seed, problem, mode, actions: cluster.actions };
}

/** Lives the lives of these seeds. @returns the first promise that was broken, or null */
export async function firstBroken(from: number, count: number): Promise<BrokenPromise | null> {
  // Many at a time: they share the turns of the event loop.
  const atOnce = 50;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let start = from; start < from + count; start += atOnce) {
      const seeds = Array.from(
        { length: Math.min(atOnce, from + count - start) },
        (_, index) => start + index,
      );
      const found = (await Promise.all(seeds.map(broken))).find((one) => one !== null);
      if (found) return found;
    }
    return null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export function describeBroken({ seed, problem, mode, actions }: BrokenPromise): string {
  return [`seed ${seed}: ${problem}`, JSON.stringify(mode), ...actions].join('\n');
}
