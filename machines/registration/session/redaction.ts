import type { WireMessage } from '../chart/messages.js';

/** The text that replaces a secret value in a step record. */
export const mask = '***';

/** Attributes whose names contain one of these are secret: `agentPassword`, `accesstoken`. */
const secretPart = /password|passwd|secret|token|credential|authorization|private.?key|api.?key/i;

/**
 * Attributes whose names contain one of these as a whole word are secret: `userPin` and `X-Auth` are, `opinion` and `author`
 * are not. A name may have several words: `sessionId`, `session_id`.
 */
export const secretNames: readonly string[] = [
  'auth',
  'bearer',
  'cookie',
  'jwt',
  'otp',
  'pass',
  'passcode',
  'passphrase',
  'pin',
  'pwd',
  'sessionId',
];

/** Returns a copy of a message in which secrets are masked; the message is not modified. */
export type Redact = (message: WireMessage) => WireMessage;

/** The kind of an attribute, by its name. `label` and `value` can be the two halves of an attribute that is written as an object. */
type Kind = 'plain' | 'secret' | 'extension' | 'label' | 'value';

/** Maximum number of cached decisions and maximum length of a cached name: clients choose the names. */
const maxRemembered = 1_024;
const maxLength = 64;

class Redaction {
  /** Each secret name as words between blanks and as one word, each also in the plural. */
  readonly #secrets: readonly string[];
  readonly #kinds = new Map<string, Kind>();

  constructor(secrets: readonly string[]) {
    const names = secrets.map(wordsOf).filter((words) => words.length > 0);
    const forms = names.flatMap((words) => [words.join(' '), words.join('')]);
    this.#secrets = [...new Set(forms.flatMap((form) => [` ${form} `, ` ${form}s `]))];
  }

  object(value: object): object {
    // Most messages have nothing to mask: a shallow copy is enough.
    const copy: Record<string, unknown> = { ...value };
    const keys = Object.keys(copy);
    let hasLabel = false;
    let hasValue = false;
    for (const key of keys) {
      const inner = copy[key];
      const kind = this.#kindOf(key);
      if (kind === 'secret') copy[key] = mask;
      else if (kind === 'extension') copy[key] = maskValues(inner);
      else if (typeof inner === 'object' && inner !== null) copy[key] = this.#value(inner);
      hasLabel ||= kind === 'label';
      hasValue ||= kind === 'value';
    }
    if (hasLabel && hasValue) this.#maskPair(copy, keys);
    return copy;
  }

  #maskPair(copy: Record<string, unknown>, keys: readonly string[]): void {
    const isSecret = keys.some((key) => {
      const name = copy[key];
      return (
        typeof name === 'string' && this.#kindOf(key) === 'label' && this.#kindOf(name) === 'secret'
      );
    });
    if (!isSecret) return;
    for (const key of keys) if (this.#kindOf(key) === 'value') copy[key] = mask;
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((inner) => this.#value(inner));
    return typeof value === 'object' && value !== null ? this.object(value) : value;
  }

  #kindOf(name: string): Kind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const kind = this.#decide(name);
    if (name.length > maxLength) return kind;
    if (this.#kinds.size >= maxRemembered) this.#kinds.clear();
    this.#kinds.set(name, kind);
    return kind;
  }

  #decide(name: string): Kind {
    if (name === 'extension') return 'extension';
    const words = ` ${wordsOf(name).join(' ')} `;
    if (secretPart.test(name) || this.#secrets.some((secret) => words.includes(secret))) {
      return 'secret';
    }
    if (words === ' name ' || words === ' key ') return 'label';
    return words === ' value ' || words === ' values ' ? 'value' : 'plain';
  }
}

/** The words of a name in lower case. A word ends before a capital and at a non-letter; successive capitals are one word, as in `JWTs`. */
function wordsOf(name: string): string[] {
  const words =
    name.match(/\p{Lu}{2,}s(?!\p{Ll})|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}

function maskValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mask;
  return Object.fromEntries(Object.keys(value).map((key) => [key, mask]));
}

/**
 * A copy of a message with its secrets masked. Masked are, at any depth: the values of `extension`, the value of every attribute with the name of
 * a secret, and the `value` of an object whose `name` or `key` is. All keys are kept.
 */
export const redactMessage: Redact = redactorFor([]);

/**
 * A `redactMessage` that also masks further attributes.
 * @param names of attributes, in words: `ssn` is found in `customerSsn` and `SSN`, `cardNumber` in `card_number` and `Card-Number`.
 */
export function redactorFor(names: readonly string[]): Redact {
  const redaction = new Redaction([...secretNames, ...names]);
  return (message) => redaction.object(message) as WireMessage;
}
