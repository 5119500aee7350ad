/** Values as texts, to compare states by what they keep. */

/** Makes equal texts of values that are alike. JSON alone would not do: it makes the same of every Map, and nothing of a function. */
export class Identities {
  /** Functions, and objects that show nothing of themselves, are alike only when they are the same. */
  readonly #numbers = new Map<unknown, number>();

  /** @throws {TypeError} for a value with a cycle in it. */
  textOf(value: unknown): string {
    const numbered = (one: unknown) => this.#number(one);
    // The replacer is given what toJSON made of a value; the value itself is in its holder.
    return (
      JSON.stringify(value, function (this: Record<string, unknown>, key, made) {
        return plain(this[key], made, numbered);
      }) ?? 'undefined'
    );
  }

  #number(value: unknown): number {
    const known = this.#numbers.get(value) ?? this.#numbers.size + 1;
    this.#numbers.set(value, known);
    return known;
  }
}

function plain(value: unknown, made: unknown, numbered: (value: unknown) => number): unknown {
  if (value === undefined) return { undefined: true };
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'function') return { function: numbered(value) };
  if (typeof value === 'symbol') return { symbol: numbered(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  if (typeof value !== 'object' || value === null) return made;
  if (isActor(value)) return { actor: actorName(value) };
  if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: [...value] };
  if (value instanceof Error) return { [value.name]: value.message };
  if (made !== value || Array.isArray(value)) return made;
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isPlain || Object.keys(value).length > 0 ? made : { object: numbered(value) };
}

interface ActorLike {
  readonly id: string;
  readonly sessionId: string;
  readonly src?: unknown;
}

function isActor(value: object): value is ActorLike {
  return 'sessionId' in value && 'id' in value && 'getSnapshot' in value;
}

/** An actor without an id of its own is called by its session, which is another each time. */
export function actorName({ id, sessionId, src }: ActorLike): string {
  if (id !== sessionId) return id;
  return typeof src === 'string' ? src : 'an actor without an id';
}
