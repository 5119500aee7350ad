import * as v from 'valibot';
import { FileError } from '../../files/file-error.js';
import { problemOf } from '../../files/issues.js';
import { readStructuredFile } from '../../files/structured-file.js';

/** The meanings of records, independent of their texts. */
export const recordMeanings = [
  'connected',
  'disconnected',
  'closed-by-server',
  'logged-out-by-server',
  'registered',
  'unknown-client',
  'nothing',
] as const;
export type RecordMeaning = (typeof recordMeanings)[number];

/** Aliases: the meanings of names, ids and texts in a site's logs. */
export interface Aliases {
  /** From an attribute in the log (`attr_client_name`) to its name on the wire (`clientName`). */
  readonly attributes: ReadonlyMap<string, string>;
  /** From a message's name in the log to its name on the wire; and from its number, for masked names. */
  readonly messages: ReadonlyMap<string, string>;
  /** From a record's id (`26010`) or the beginning of its text to its meaning. */
  readonly records: ReadonlyMap<string, RecordMeaning>;
}

/**
 * The default aliases. The numbers of the records and of the two messages are documented; the names of the registration's
 * attributes are inferred from documented ones.
 */
export const knownAliases: Aliases = {
  attributes: new Map([
    ['attr_ref_id', 'referenceId'],
    ['attr_reference_id', 'referenceId'],
    ['attr_client_name', 'clientName'],
    ['attr_client_type', 'clientType'],
    ['attr_media_type', 'mediaType'],
    ['attr_proxy_client_id', 'proxyClientId'],
    ['attr_error_code', 'errorCode'],
    ['attr_error_desc', 'errorDescription'],
    ['attr_error_description', 'errorDescription'],
    ['attr_extension', 'extension'],
  ]),
  messages: new Map([
    ['101', 'RequestSubmit'],
    ['125', 'EventAck'],
  ]),
  records: new Map<string, RecordMeaning>([
    ['04520', 'connected'],
    ['26450', 'connected'],
    ['04524', 'disconnected'],
    ['26010', 'closed-by-server'],
    ['22017', 'logged-out-by-server'],
    ['26101', 'registered'],
    ['26102', 'registered'],
    ['26103', 'registered'],
    ['26104', 'registered'],
    ['26008', 'unknown-client'],
    ['08103', 'nothing'],
  ]),
};

const someText = v.pipe(v.string('text that is not empty'), v.nonEmpty('text that is not empty'));
const texts = v.record(v.string(), someText, 'an object of texts');
const sections = ['attributes', 'messages', 'texts'];

/** A file of aliases. */
const aliasesSchema = v.strictObject(
  {
    attributes: v.optional(texts),
    messages: v.optional(texts),
    texts: v.optional(
      v.record(
        v.string(),
        v.picklist(recordMeanings, recordMeanings.join(', ')),
        'an object of texts',
      ),
    ),
  },
  `an object with ${sections.join(', ')}`,
);

/**
 * Reads a site's aliases from a JSON or YAML file; they take precedence over the defaults.
 *
 * ```yaml
 * attributes: { attr_name: clientName }
 * messages: { ReqReg: RequestRegisterClient, '100': RequestRegisterClient }
 * texts: { '26010': closed-by-server, 'Client gone': disconnected }
 * ```
 * @throws {FileError} for an unreadable file, or an invalid key or value.
 */
export async function readAliases(path: string): Promise<Aliases> {
  const file = await readStructuredFile(path);
  const result = v.safeParse(aliasesSchema, file.value);
  if (!result.success) {
    const { keyPath, sentence } = problemOf(result.issues[0], sections);
    throw new FileError(path, file.lineOf(keyPath), sentence);
  }
  const { attributes = {}, messages = {}, texts: records = {} } = result.output;
  return {
    attributes: new Map([...knownAliases.attributes, ...Object.entries(attributes)]),
    messages: new Map([...knownAliases.messages, ...Object.entries(messages)]),
    records: new Map([...knownAliases.records, ...Object.entries(records)]),
  };
}
