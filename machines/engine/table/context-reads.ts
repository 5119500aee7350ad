/** Which keys of its context decide what a chart does. */

type Context = Readonly<Record<string, unknown>>;

/** Where the keys that are read now go to. */
type Reader = { readonly kind: 'decision' } | { readonly kind: 'none' } | AssignReader;

interface AssignReader {
  readonly kind: 'assign';
  /** The action, for messages. */
  readonly action: string;
  readonly keys: Set<string>;
}

const decision: Reader = { kind: 'decision' };
const none: Reader = { kind: 'none' };

/**
 * Records which keys of the context a chart reads while it is explored. Two states that differ only in other keys behave alike, so these
 * keys do not belong to the identity of a state: what a guard, a delay or an output reads decides, and what an assignment reads decides
 * when it writes such a key. Keys are those of the context itself; their values count as a whole.
 */
export class ContextReads {
  readonly #decisive = new Set<string>();
  /** By a key that assignments write: the keys that they read for it. */
  readonly #sources = new Map<string, Set<string>>();
  /** By tracked contexts, the plain ones. */
  readonly #plain = new WeakMap<object, Context>();
  readonly #tracked = new WeakMap<object, Context>();
  /** The prototype of tracked contexts: what is asked of it is a key that the context does not have. */
  readonly #absent = new Proxy(Object.prototype, {
    get: (target, key, receiver) => {
      this.#readAbsent(key);
      return Reflect.get(target, key, receiver);
    },
    has: (target, key) => {
      this.#readAbsent(key);
      return Reflect.has(target, key);
    },
    set: (_target, key) => {
      this.#changed(String(key));
      return true;
    },
  });
  #reader: Reader = decision;
  #assigned: string[] = [];
  #changedInPlace: string | null = null;

  /** The keys that decide, sorted. */
  get keys(): readonly string[] {
    const found = new Set(this.#decisive);
    // Keys are appended to the set that is being iterated.
    for (const key of found) for (const source of this.#sources.get(key) ?? []) found.add(source);
    return [...found].sort();
  }

  /** A context that records what is read of it. */
  tracked(context: Context): Context {
    const plain = this.plain(context);
    const known = this.#tracked.get(plain);
    if (known) return known;
    const tracked = Object.create(this.#absent) as Context;
    for (const key of Object.keys(plain)) {
      Object.defineProperty(tracked, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          this.#read(key);
          return plain[key];
        },
        set: () => this.#changed(key),
      });
    }
    this.#tracked.set(plain, tracked);
    this.#plain.set(tracked, plain);
    return tracked;
  }

  /** The context without tracking. */
  plain(context: Context): Context {
    return this.#plain.get(context) ?? context;
  }

  /** Runs something whose reads decide nothing. */
  ignoring<Result>(run: () => Result): Result {
    return this.#reading(none, run);
  }

  /** Runs a function of an assignment: what it reads decides if what it writes does. @param written the keys that its result is for */
  assigning<Result>(action: string, run: () => Result, written: (result: Result) => string[]) {
    const keys = new Set<string>();
    this.#assigned.push(action);
    const result = this.#reading({ kind: 'assign', action, keys }, run);
    for (const key of written(result)) {
      const sources = this.#sources.get(key) ?? new Set();
      for (const source of keys) sources.add(source);
      this.#sources.set(key, sources);
    }
    return result;
  }

  /** The names of the assignments since the last call, and what was written in place; null if nothing was. */
  taken(): { readonly assigned: readonly string[]; readonly changedInPlace: string | null } {
    const taken = { assigned: [...new Set(this.#assigned)], changedInPlace: this.#changedInPlace };
    this.#assigned = [];
    this.#changedInPlace = null;
    return taken;
  }

  /** All keys decide, because it is not known what is read. */
  decideAll(context: Context): void {
    for (const key of Object.keys(context)) this.#decisive.add(key);
  }

  #readAbsent(key: string | symbol): void {
    if (typeof key === 'string' && key !== 'toJSON' && !(key in Object.prototype)) this.#read(key);
  }

  #changed(key: string): void {
    this.#changedInPlace ??= `${this.#place()} writes context.${key}`;
  }

  #read(key: string): void {
    if (this.#reader.kind === 'decision') this.#decisive.add(key);
    else if (this.#reader.kind === 'assign') this.#reader.keys.add(key);
  }

  #reading<Result>(reader: Reader, run: () => Result): Result {
    const before = this.#reader;
    this.#reader = reader;
    try {
      return run();
    } finally {
      this.#reader = before;
    }
  }

  #place(): string {
    return this.#reader.kind === 'assign' ? this.#reader.action : 'a guard or an action';
  }
}
