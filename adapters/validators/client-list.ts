/** What an allow-list file says, checked and made ready for looking up. */
import * as v from 'valibot';
import type { RequestRegisterClient } from '../../machines/index.js';
import { abridged, type ClientType, clientTypes } from '../../machines/index.js';
import { problemOf } from '../config/issues.js';
import { FileError, parseStructured } from '../config/structured-file.js';
import { invalid, type Verdict, valid } from '../server/validator.js';
import { Wildcard } from './wildcard.js';

const someText = 'text of 1 to 255 characters';
const text = v.pipe(
  v.string(someText),
  v.check((value) => value !== '' && [...value].length <= 255, someText),
);
const oneType = `one of ${clientTypes.join(', ')}`;
const whole = 'a whole number from 1 to 1000000';
const one = 'a name or a pattern, one of the two';

const entrySchema = v.pipe(
  v.strictObject(
    {
      name: v.optional(text),
      pattern: v.optional(text),
      types: v.optional(
        v.pipe(
          v.array(v.picklist(clientTypes, oneType), `a list, each ${oneType}`),
          v.minLength(1, `a list, each ${oneType}; leave it out to allow every type`),
        ),
      ),
      mediaTypes: v.optional(
        v.pipe(
          v.array(text, 'a list of media types'),
          v.minLength(1, 'a list of media types; leave it out to allow any'),
        ),
      ),
      cap: v.optional(
        v.pipe(v.number(whole), v.integer(whole), v.minValue(1, whole), v.maxValue(1e6, whole)),
      ),
    },
    one,
  ),
  v.check(({ name, pattern }) => (name === undefined) !== (pattern === undefined), one),
);
const entryKeys = ['name', 'pattern', 'types', 'mediaTypes', 'cap'];

const listOfEntries = 'a list of entries, each with a name or a pattern';
const fileSchema = v.strictObject(
  { clients: v.array(entrySchema, listOfEntries) },
  `{ clients: [...] }, ${listOfEntries}`,
);

function readEntries(path: string, source: string): v.InferOutput<typeof entrySchema>[] {
  const file = parseStructured(path, source);
  const result = v.safeParse(fileSchema, file.value);
  if (!result.success) {
    const [issue] = result.issues;
    const keys = (issue.path ?? []).length > 1 ? entryKeys : ['clients'];
    const { keyPath, sentence } = problemOf(issue, keys);
    throw new FileError(path, file.lineOf(keyPath), sentence);
  }
  const { clients } = result.output;
  const seen = new Set<string>();
  for (const [index, { name }] of clients.entries()) {
    if (name === undefined) continue;
    if (seen.has(name)) {
      const sentence = `clients[${index}].name is ${abridged(name)}, which stands in an entry before it; allowed: each name once`;
      throw new FileError(path, file.lineOf(['clients', index, 'name']), sentence);
    }
    seen.add(name);
  }
  return clients;
}

/** One entry of the file. */
export interface ClientEntry {
  readonly types: ReadonlySet<ClientType> | null;
  readonly mediaTypes: ReadonlySet<string> | null;
  readonly cap: number | null;
}

/** A whole allow-list file. An exact name decides alone; else the first pattern of the file that fits. */
export class ClientList {
  readonly #exact = new Map<string, ClientEntry>();
  readonly #patterns: { readonly pattern: Wildcard; readonly entry: ClientEntry }[] = [];

  /**
   * @param path as it shall stand in errors; its ending tells JSON from YAML.
   * @throws {FileError} naming the file, the line, the key, the value and what is allowed.
   */
  constructor(path: string, source: string) {
    for (const { name, pattern, types, mediaTypes, cap } of readEntries(path, source)) {
      const entry: ClientEntry = {
        types: types ? new Set(types) : null,
        mediaTypes: mediaTypes ? new Set(mediaTypes) : null,
        cap: cap ?? null,
      };
      if (pattern !== undefined) this.#patterns.push({ pattern: new Wildcard(pattern), entry });
      if (name !== undefined) this.#exact.set(name, entry);
    }
  }

  /** How many entries there are. */
  get size(): number {
    return this.#exact.size + this.#patterns.length;
  }

  verdictOn(request: RequestRegisterClient): Verdict {
    const { clientName, clientType, mediaType } = request;
    const entry = this.#find(clientName);
    if (!entry) return invalid('unknown name');
    if (entry.types && !entry.types.has(clientType)) {
      return invalid(`type ${clientType} is not allowed for this name`);
    }
    if (entry.mediaTypes && mediaType === undefined) {
      return invalid('media type is missing and needed for this name');
    }
    if (entry.mediaTypes && !entry.mediaTypes.has(mediaType ?? '')) {
      return invalid(`media type ${abridged(mediaType)} is not allowed for this name`);
    }
    return entry.cap === null ? valid : { valid: true, cap: entry.cap };
  }

  /** Tries every pattern for every name, known or not: how long it takes does not tell which names there are. */
  #find(name: string): ClientEntry | undefined {
    const characters = [...name];
    let fitting: ClientEntry | undefined;
    for (const { pattern, entry } of this.#patterns) {
      if (pattern.matches(characters)) fitting ??= entry;
    }
    return this.#exact.get(name) ?? fitting;
  }
}
