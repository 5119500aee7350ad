/** Values as texts, to compare the contexts of states. */

/** Returns equal texts for equal values. Plain JSON is not enough: it writes every Map as `{}` and leaves out functions. */
export class Identities {
  /** Functions, symbols and opaque objects are equal only when they are identical; each has a number. */
  readonly #numbers = new Map<unknown, number>();

  /** @throws {TypeError} for a value that contains itself. */
  textOf(value: unknown): string {
    const numbered = (one: unknown) => this.#number(one);
    // The replacer receives the result of toJSON; the original value is in its holder (`this`).
    return (
      JSON.stringify(value, function (this: Record<string, unknown>, key, converted) {
        return plain(this[key], converted, numbered);
      }) ?? 'undefined'
    );
  }

  #number(value: unknown): number {
    const known = this.#numbers.get(value) ?? this.#numbers.size + 1;
    this.#numbers.set(value, known);
    return known;
  }
}

function plain(value: unknown, converted: unknown, numbered: (value: unknown) => number): unknown {
  if (value === undefined) return { undefined: true };
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'function') return { function: numbered(value) };
  if (typeof value === 'symbol') return { symbol: numbered(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  if (typeof value !== 'object' || value === null) return converted;
  if (isActor(value)) return { actor: actorName(value) };
  if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: [...value] };
  if (value instanceof Error) return { [value.name]: value.message };
  if (converted !== value || Array.isArray(value)) return converted;
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isPlain || Object.keys(value).length > 0 ? converted : { object: numbered(value) };
}

interface ActorLike {
  readonly id: string;
  readonly sessionId: string;
}

function isActor(value: object): value is ActorLike {
  return 'sessionId' in value && 'id' in value && 'getSnapshot' in value;
}

/** The name of an actor: its id, or its source where the id was generated (it then differs in each run). */
export function actorName(actor: unknown): string {
  if (!isNamed(actor)) {
    const { src } = Object(actor) as { src?: unknown };
    return typeof src === 'string' ? src : 'an actor without an id';
  }
  return actor.id;
}

/** Whether the chart gave an actor its id. */
export function isNamed(actor: unknown): actor is ActorLike {
  const { id, sessionId } = Object(actor) as Partial<ActorLike>;
  return id !== undefined && id !== sessionId;
}
