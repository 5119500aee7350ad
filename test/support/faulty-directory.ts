/** Directories of simulated gates that share one store in memory, with the faults of networks, processes and stores. */
import type {
  ClaimOutcome,
  ClusterSettings,
  Directory,
  DirectoryHandlers,
  DirectoryPartition,
  HeldName,
  Kick,
  NameClaim,
} from '../../adapters/directory/directory.js';
import { DirectoryError } from '../../adapters/directory/errors.js';
import { MemoryDirectory, MemoryStore } from '../../adapters/directory/memory-directory.js';
import type { ProcessClock, SimulatedTime } from './simulated-time.js';

/** Milliseconds until a request without an answer is given up. */
export const requestTimeout = 1_000;

/** The operations that a store can lose. */
type Operation = (directory: Directory, partition: DirectoryPartition) => Promise<unknown>;

/** A store that can lose what it had, and whose clock can jump. */
export class FaultyStore {
  readonly lease: number;
  readonly #time: SimulatedTime;
  /** Whether `restore` is possible. */
  readonly #keepsOperations: boolean;
  readonly #operations: { readonly at: number; readonly run: Operation }[] = [];
  readonly #directories = new Set<FaultyDirectory>();
  /** Milliseconds that its clock is ahead. */
  clockOffset = 0;
  #replayedAt: number | null = null;
  #store: MemoryStore;
  /** Called for every grant, in the order of the store. */
  onGrant: (clientName: string, epoch: number) => void = () => {};

  constructor(time: SimulatedTime, lease = 6_000, keepsOperations = true) {
    this.#time = time;
    this.#keepsOperations = keepsOperations;
    this.lease = lease;
    this.#store = this.#empty();
  }

  /** Number of operations until now, for `restore`. */
  get size(): number {
    return this.#operations.length;
  }

  /** The names of every incarnation that it knows. */
  held(): { readonly node: string; readonly isLive: boolean; readonly names: HeldName[] }[] {
    return this.#store.list().map(({ node, incarnation, leaseRemaining }) => ({
      node,
      isLive: leaseRemaining > 0,
      names: this.#store.held(incarnation),
    }));
  }

  /** A directory on this store without faults, for what a test asks of it. */
  plain(): MemoryDirectory {
    return new MemoryDirectory(this.#store);
  }

  open(directory: FaultyDirectory): void {
    this.#directories.add(directory);
  }

  close(directory: FaultyDirectory): void {
    this.#directories.delete(directory);
  }

  run<Result>(
    inner: MemoryDirectory,
    run: (directory: Directory, partition: DirectoryPartition) => Promise<Result>,
  ): Promise<Result> {
    if (this.#keepsOperations) this.#operations.push({ at: this.#now(), run });
    return run(inner, inner.partitions[0]);
  }

  /** Loses all operations after the first `size`; adapters notice that at their next answer. */
  restore(size: number): void {
    this.#operations.splice(size);
    this.#store = this.#empty();
    const directory = this.plain();
    for (const { at, run } of this.#operations) {
      this.#replayedAt = at;
      void run(directory, directory.partitions[0]);
    }
    this.#replayedAt = null;
    for (const one of this.#directories) one.moved();
  }

  restartEmpty(): void {
    this.restore(0);
  }

  #empty(): MemoryStore {
    return new MemoryStore({ lease: this.lease, now: () => this.#replayedAt ?? this.#now() });
  }

  #now(): number {
    return this.#time.now + this.clockOffset;
  }
}

/** The faults of one gate's connection; a test changes them at any time. */
export interface ConnectionFaults {
  /** Milliseconds that a request takes to the store, that an answer takes back, and that a kick or message takes. */
  delay: () => number;
  /** Nothing comes through in either direction. */
  isCut: boolean;
  /** Whether a request is lost before it takes effect. */
  losesRequest: (operation: string) => boolean;
  /** Whether an answer is lost after the request took effect. */
  losesAnswer: (operation: string) => boolean;
  losesKick: () => boolean;
  losesMessage: () => boolean;
}

/** The directory of one gate, on a connection with faults. */
export class FaultyDirectory implements Directory {
  readonly kind = 'memory';
  readonly address = 'memory';
  readonly lease: number;
  readonly partitions: readonly [DirectoryPartition];
  readonly faults: ConnectionFaults = {
    delay: () => 0,
    isCut: false,
    losesRequest: () => false,
    losesAnswer: () => false,
    losesKick: () => false,
    losesMessage: () => false,
  };
  /** The operations that were sent. */
  readonly sent: { readonly operation: string; readonly at: number }[] = [];
  /** Whether the adapter finds lost kicks and answers with the next renewal. */
  findsLosses = true;
  #hasGap = false;
  #inner: MemoryDirectory;
  #watched: { readonly node: string; readonly handlers: DirectoryHandlers } | null = null;
  readonly #store: FaultyStore;
  readonly #time: SimulatedTime;
  readonly #clock: ProcessClock;

  constructor(store: FaultyStore, time: SimulatedTime, clock: ProcessClock) {
    this.#store = store;
    this.#time = time;
    this.#clock = clock;
    this.lease = store.lease;
    this.#inner = store.plain();
    this.partitions = [this.#partition()];
    store.open(this);
  }

  partitionOf(): DirectoryPartition {
    return this.partitions[0];
  }

  time(): Promise<number> {
    return this.#request('time', () => this.#inner.time());
  }

  agree(settings: ClusterSettings): Promise<ClusterSettings> {
    return this.#request('agree', () =>
      this.#store.run(this.#inner, (directory) => directory.agree(settings)),
    );
  }

  async watch(node: string, handlers: DirectoryHandlers): Promise<void> {
    await this.#request('watch', async () => {
      this.#watched = { node, handlers };
      await this.#watch();
    });
  }

  async send(node: string | null, text: string): Promise<void> {
    await this.#request('send', () => this.#inner.send(node, text));
  }

  async close(): Promise<void> {
    this.#store.close(this);
    this.#watched = null;
    await this.#inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The store is another one now, after a loss. */
  moved(): void {
    void this.#inner.close();
    this.#inner = this.#store.plain();
    this.#hasGap = true;
    // Not before the kicks of the replay, which no gate hears.
    queueMicrotask(() => void this.#watch());
  }

  /** The connection is there again: whatever was sent meanwhile is lost. */
  heal(): void {
    if (this.faults.isCut) this.#hasGap = true;
    this.faults.isCut = false;
  }

  async #watch(): Promise<void> {
    if (!this.#watched) return;
    const { node, handlers } = this.#watched;
    const [partition] = this.partitions;
    await this.#inner.watch(node, {
      message: (text) => {
        const isLost = this.faults.losesMessage();
        this.#after(() => {
          if (!isLost && !this.faults.isCut) handlers.message(text);
        });
      },
      kick: (kick: Kick) => {
        const isLost = this.faults.losesKick();
        this.#after(() => {
          if (isLost || this.faults.isCut) this.#hasGap = true;
          else handlers.kick({ ...kick, partition });
        });
      },
      gap: () => {},
    });
  }

  /** Does something in the process later. */
  #after(run: () => void): void {
    const delay = this.faults.delay();
    if (delay === 0) this.#clock.whenRunning(run);
    else this.#time.setTimeout(() => this.#clock.whenRunning(run), delay);
  }

  #request<Result>(operation: string, effect: () => Promise<Result>): Promise<Result> {
    this.sent.push({ operation, at: this.#time.now });
    const { faults } = this;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const timer = this.#clock.setTimeout(() => {
        isOver = true;
        reject(new DirectoryError('DIRECTORY_UNREACHABLE', `no answer to ${operation}`));
      }, requestTimeout);
      const arrive = () => {
        if (faults.isCut || faults.losesRequest(operation)) return;
        const inner = this.#inner;
        const answered = effect();
        const isLost = faults.losesAnswer(operation);
        void answered.then((answer) =>
          this.#after(() => {
            if (isOver || isLost || faults.isCut) {
              this.#hasGap = true;
              return;
            }
            isOver = true;
            this.#clock.clearTimeout(timer);
            resolve(answer);
            // What the answer tells of may be lost by now.
            if (inner !== this.#inner) this.#hasGap = true;
            else if (operation === 'renew') this.#tellGap();
          }),
        );
      };
      const delay = faults.delay();
      if (delay === 0) arrive();
      else this.#time.setTimeout(arrive, delay);
    });
  }

  #tellGap(): void {
    if (!this.#hasGap || !this.findsLosses) return;
    this.#hasGap = false;
    this.#watched?.handlers.gap(this.partitions[0]);
  }

  #partition(): DirectoryPartition {
    const read = <Result>(
      operation: string,
      run: (partition: DirectoryPartition) => Promise<Result>,
    ) => this.#request(operation, () => run(this.#inner.partitions[0]));
    const write = <Result>(
      operation: string,
      run: (partition: DirectoryPartition) => Promise<Result>,
    ) =>
      this.#request(operation, () =>
        this.#store.run(this.#inner, (_, partition) => run(partition)),
      );
    return {
      index: 0,
      join: (node) => write('join', (partition) => partition.join(node)),
      renew: (incarnation) => write('renew', (partition) => partition.renew(incarnation)),
      claim: (claim) => this.#claim(claim),
      reassert: (incarnation, names) =>
        write('reassert', (partition) => partition.reassert(incarnation, names)),
      release: (incarnation, name) =>
        write('release', (partition) => partition.release(incarnation, name)),
      held: (incarnation) => read('held', (partition) => partition.held(incarnation)),
      sweep: (incarnation) => write('sweep', (partition) => partition.sweep(incarnation)),
      leave: (incarnation) => write('leave', (partition) => partition.leave(incarnation)),
      list: () => read('list', (partition) => partition.list()),
      holders: (clientName) => read('holders', (partition) => partition.holders(clientName)),
    };
  }

  #claim(claim: NameClaim): Promise<ClaimOutcome> {
    return this.#request('claim', async () => {
      const outcome = await this.#store.run(this.#inner, (_, partition) => partition.claim(claim));
      if (outcome.outcome === 'granted') this.#store.onGrant(claim.clientName, outcome.epoch);
      return outcome;
    });
  }
}
