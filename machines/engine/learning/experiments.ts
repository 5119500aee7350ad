/** Plays words, many at the same time, until their outputs are certain. */
import { BudgetError, NondeterministicError } from './learning-errors.js';
import {
  areEqual,
  type Conflict,
  type ObservationNode,
  ObservationTree,
} from './observation-tree.js';
import { Semaphore } from './semaphore.js';
import { SharedTasks } from './shared-tasks.js';
import { silence } from './timed-machine.js';
import {
  keyOf,
  type Play,
  type PlayedStep,
  type TimedSystem,
  type WordStep,
} from './timed-system.js';

export interface ExperimentOptions {
  /** Plays at the same time. */
  readonly connections: number;
  /** @default no limit */
  readonly maxConnections?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each play that was believed, to keep it. */
  readonly onPlay?: ((play: Play) => void) | undefined;
}

/** A play in which this process stood still is repeated, but not for ever on a machine that is always busy. */
const maxStalledPlays = 20;
/** An end of the connection after this part of the earliest timeout may be a timeout. */
const latePart = 0.3;
/** How a conflict is decided: four of five plays must agree. */
const votes = 5;
const neededVotes = 4;

export class Experiments {
  readonly tree = new ObservationTree();
  readonly system: TimedSystem;
  readonly #options: ExperimentOptions;
  readonly #semaphore: Semaphore;
  /** Words that are being played, with all their beginnings. */
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #deciding = new SharedTasks();
  #connections = 0;
  #inputs = 0;
  #discarded = 0;
  #repairs = 0;
  #isStopped = false;

  constructor(system: TimedSystem, options: ExperimentOptions) {
    this.system = system;
    this.#options = options;
    this.#semaphore = new Semaphore(options.connections);
  }

  get connections(): number {
    return this.#connections;
  }

  /** Plays at the same time. */
  get parallel(): number {
    return this.#options.connections;
  }

  get inputs(): number {
    return this.#inputs;
  }

  /** Plays that were discarded because this process stood still. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Observations that a vote has replaced. */
  get repairs(): number {
    return this.#repairs;
  }

  /** Ends the experiments: plays that run are ignored, and no further one begins. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Adds plays of an earlier run. A play that differs from those before it is left out. */
  restore(plays: Iterable<Play>): void {
    for (const play of plays) this.tree.add(play);
  }

  /**
   * Observes a word and the silence after it. It is played only when it is not known; what follows the end of a connection is not played.
   * @returns the node of the word, or an earlier one at which the connection has ended
   * @throws {BudgetError}; {NondeterministicError}; the signal's reason; errors of the system
   */
  async ask(word: readonly string[]): Promise<ObservationNode> {
    for (;;) {
      const node = this.#known(word);
      if (node) return node;
      const key = keyOf(word);
      const running = this.#running.get(key);
      if (running) await running;
      else await this.#share(word, () => this.#observe(word, []));
    }
  }

  /** Plays a word with pauses before its inputs, and measures the silence after it. It is played also when it is known. */
  async observe(word: readonly string[], pauses: readonly number[]): Promise<void> {
    await this.#share(word, () => this.#observe(word, pauses));
  }

  #known(word: readonly string[]): ObservationNode | null {
    const node = this.tree.root.follow(word);
    if (node.isClosed) return node;
    if (node.depth < word.length) return null;
    return word.at(-1) === silence || node.child(silence) ? node : null;
  }

  /** Others who ask for the word or a beginning of it wait for this play. */
  async #share(word: readonly string[], play: () => Promise<void>): Promise<void> {
    const keys = word.map((_, at) => keyOf(word.slice(0, at + 1))).concat(keyOf([]));
    const own = keys.filter((key) => !this.#running.has(key));
    const done = play();
    for (const key of own) this.#running.set(key, done);
    try {
      await done;
    } finally {
      for (const key of own) this.#running.delete(key);
    }
  }

  async #observe(word: readonly string[], pauses: readonly number[]): Promise<void> {
    const whole = word.at(-1) === silence ? word : [...word, silence];
    for (let round = 0; ; round += 1) {
      const play = await this.#play(this.#steps(whole, pauses), round === 0 ? 1 : 5);
      const doubtful = this.#doubtful(play);
      // Doubts are decided for good, so the play is repeated once for each step at most.
      if (doubtful && round <= whole.length) {
        await this.#confirm(play.steps.slice(0, doubtful));
        continue;
      }
      const conflict = this.tree.add(play);
      if (!conflict) {
        this.#keep(play);
        return;
      }
      await this.#decide(conflict);
      if (round > whole.length) throw nondeterministic(conflict, play);
    }
  }

  #steps(word: readonly string[], pauses: readonly number[]): WordStep[] {
    let node: ObservationNode | undefined = this.tree.root;
    return word.map((input, at) => {
      node = node?.child(input);
      // The end of a silence in which nothing comes is not known before it.
      const isQuiet = node?.output === '' && (input === silence || !node.isConfirmed);
      const expected = isQuiet ? null : (node?.output ?? null);
      return { input, pause: pauses[at] ?? 0, expected };
    });
  }

  /**
   * The number of steps up to the first one that may be wrong: no output, which perhaps comes later, or an end of the connection that
   * perhaps is a timeout; 0 for none.
   */
  #doubtful({ steps }: Play): number {
    let before: ObservationNode | undefined = this.tree.root;
    for (const [at, step] of steps.entries()) {
      const node: ObservationNode | undefined = before?.child(step.input);
      const isBelieved = node && areEqual(node, step) && (step.output !== '' || node.isConfirmed);
      if (step.input !== silence && !isBelieved) {
        const next = steps[at + 1];
        const isQuiet = next?.input === silence && next.output === '';
        if (step.output === '' && !step.isClosed && !isQuiet) return at + 1;
        if (step.isClosed && this.#mayBeTimeout(before, steps, at)) return at + 1;
      }
      before = node;
    }
    return 0;
  }

  #mayBeTimeout(
    before: ObservationNode | undefined,
    steps: readonly PlayedStep[],
    at: number,
  ): boolean {
    const { at: moment = 0 } = steps[at] ?? {};
    const last = steps[at - 1];
    const isQuiet = before?.child(silence)?.output === '';
    const wasQuiet = last?.input === silence && last.output === '';
    return !isQuiet && !wasQuiet && moment > this.tree.earliestTimeout * latePart;
  }

  /** Plays a beginning of a word again, without pauses and with the long patience, and believes the result. */
  async #confirm(steps: readonly PlayedStep[]): Promise<void> {
    const word = steps.map(({ input }) => input);
    const play = await this.#play(this.#steps(word, []).map(unhinted(word.length - 1)), 5);
    const conflict = this.tree.add(play);
    if (conflict) return await this.#decide(conflict);
    this.#keep(play);
    this.tree.root.follow(word).isConfirmed = true;
  }

  /** Decides a conflict by a vote. */
  async #decide({ node, step }: Conflict): Promise<void> {
    const word = [...node.word, step.input];
    await this.#deciding.run(keyOf(word), () => this.#vote(word));
  }

  async #vote(word: readonly string[]): Promise<void> {
    const last = word.length - 1;
    const steps = this.#steps(word, []).map(unhinted(last));
    const plays = await Promise.all(Array.from({ length: votes }, () => this.#play(steps, 5)));
    const outcomes = new Map<string, Play[]>();
    for (const play of plays) {
      const shown = play.steps.map(({ output, isClosed }) => [output, isClosed]);
      const key = JSON.stringify(shown);
      outcomes.set(key, [...(outcomes.get(key) ?? []), play]);
    }
    const [winners = [], ...others] = [...outcomes.values()].sort((a, b) => b.length - a.length);
    const [winner] = winners;
    if (!winner || winners.length < neededVotes) {
      throw new NondeterministicError(
        word,
        [winner, others[0]?.[0]].flatMap((one) => one ?? []),
      );
    }
    this.#believe(winner);
  }

  /** Replaces what is known by what a play shows. */
  #believe(play: Play): void {
    let node = this.tree.root;
    for (const step of play.steps) {
      const known = node.child(step.input);
      if (known && !areEqual(known, step)) {
        this.#repairs += 1;
        node.replace(step);
        break;
      }
      if (!known) break;
      node = known;
    }
    this.tree.add(play);
    this.#keep(play);
    this.tree.root.follow(play.steps.map(({ input }) => input)).isConfirmed = true;
  }

  #keep(play: Play): void {
    if (!this.#isStopped) this.#options.onPlay?.(play);
  }

  async #play(steps: readonly WordStep[], factor: number): Promise<Play> {
    const { signal, maxConnections = Number.POSITIVE_INFINITY } = this.#options;
    return await this.#semaphore.use(async () => {
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted();
        if (this.#isStopped) throw new DOMException('the learning has ended', 'AbortError');
        if (this.#connections >= maxConnections) {
          throw new BudgetError(`${maxConnections} connections`);
        }
        this.#connections += 1;
        const play = await this.system.play(steps, { factor });
        this.#inputs += play.steps.length;
        if (play.stalled <= this.system.tolerance / 2 || attempt === maxStalledPlays) return play;
        this.#discarded += 1;
      }
    });
  }
}

function unhinted(at: number) {
  return (step: WordStep, index: number): WordStep =>
    index === at ? { ...step, expected: null } : step;
}

/** A play differs from the vote each time: both are shown, with the moments of the play. */
function nondeterministic({ node, step }: Conflict, play: Play): NondeterministicError {
  const word = [...node.word, step.input];
  const steps = play.steps.slice(0, word.length);
  const known = node.child(step.input);
  const voted = known && { ...step, output: known.output, isClosed: known.isClosed };
  const other = voted ? [{ ...play, steps: [...steps.slice(0, -1), voted] }] : [];
  return new NondeterministicError(word, [{ ...play, steps }, ...other]);
}
