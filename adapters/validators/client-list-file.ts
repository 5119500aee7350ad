/** The content of an allow-list file, checked and packed for the transfer between threads. */
import * as v from 'valibot';
import { type ClientType, clientTypes } from '../../machines/registration/chart/messages.js';
import { abridged } from '../../machines/text/format.js';
import { FileError } from '../files/file-error.js';
import { problemOf } from '../files/issues.js';
import { readRegular } from '../files/regular-file.js';
import { parseStructured } from '../files/structured-file.js';
import { indexNames, type NameIndex } from './name-index.js';
import { type PackedTexts, packTexts } from './packed-texts.js';

/** Conditions of an entry besides the name; missing ones are not checked. */
export interface ClientRule {
  readonly types?: readonly ClientType[] | undefined;
  readonly mediaTypes?: readonly string[] | undefined;
  /** Maximum number of registered sessions of a name. */
  readonly cap?: number | undefined;
}

/** The content of a file. Rules are numbered, because most entries share them. */
export interface ListedClients {
  readonly names: NameIndex;
  /** The rule of each name. */
  readonly nameRules: Uint32Array<ArrayBuffer>;
  /** In the order of the file. */
  readonly patterns: PackedTexts;
  /** The rule of each pattern. */
  readonly patternRules: Uint32Array<ArrayBuffer>;
  /** Each a {@link ClientRule} as JSON. */
  readonly rules: PackedTexts;
}

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

type Entry = v.InferOutput<typeof entrySchema>;

/**
 * Checks the text of a list.
 * @param path for errors; its ending selects JSON or YAML.
 * @throws {FileError} with the file, the line, the key, the value and the allowed values.
 */
export function readListedClients(path: string, source: string): ListedClients {
  const file = parseStructured(path, source);
  const result = v.safeParse(fileSchema, file.value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const keys = (issue.path ?? []).length > 1 ? entryKeys : ['clients'];
    const { keyPath, sentence } = problemOf(issue, keys);
    throw new FileError(path, file.lineOf(keyPath), sentence);
  }
  const entries = result.output.clients;
  const named = entries.filter(({ name }) => name !== undefined);
  const names = indexNames(named.map(({ name = '' }) => name));
  if (typeof names === 'number') {
    const duplicate = named[names] as Entry;
    const index = entries.indexOf(duplicate);
    const sentence = `clients[${index}].name is ${abridged(duplicate.name)}, which an earlier entry has; allowed: each name once`;
    throw new FileError(path, file.lineOf(['clients', index, 'name']), sentence);
  }
  const patterned = entries.filter(({ pattern }) => pattern !== undefined);
  const rules = new Map<string, number>();
  const rulesOf = (some: readonly Entry[]) =>
    Uint32Array.from(some, (entry) => numberIn(rules, ruleOf(entry)));
  return {
    names,
    nameRules: rulesOf(named),
    patterns: packTexts(patterned.map(({ pattern = '' }) => pattern)),
    patternRules: rulesOf(patterned),
    rules: packTexts([...rules.keys()]),
  };
}

/** Reads and checks a list. @throws {FileError} as `readListedClients` does, and for a file that cannot be read */
export async function loadListedClients(path: string): Promise<ListedClients> {
  return readListedClients(path, (await readRegular(path)).toString());
}

/** The buffers of a list, for the transfer to another thread. */
export function buffersOf(listed: ListedClients): ArrayBuffer[] {
  const { names, nameRules, patterns, patternRules, rules } = listed;
  const texts = [names.names, patterns, rules].flatMap(({ units, ends }) => [units, ends]);
  return [...texts, names.slots, nameRules, patternRules].map(({ buffer }) => buffer);
}

function ruleOf({ types, mediaTypes, cap }: Entry): string {
  return JSON.stringify({ types, mediaTypes, cap } satisfies ClientRule);
}

/** The number of a text; a new text gets the next number. */
function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}
