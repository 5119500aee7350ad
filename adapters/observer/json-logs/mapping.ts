/** The mapping file: the fields of time, connection and message in JSON lines of other programs. */
import * as v from 'valibot';
import { FileError } from '../../files/file-error.js';
import { type Problem, problemOf } from '../../files/issues.js';
import { readStructuredFile, type StructuredFile } from '../../files/structured-file.js';
import { isObject, type JsonObject } from './json-lines.js';

const pathText = 'the way to a field: its name, or names with dots between them';
const path = v.pipe(v.string(pathText), v.nonEmpty(pathText));
const valueText = 'a text, a number, true or false, or a list of them';
const value = v.union([v.string(), v.number(), v.boolean()], valueText);
const values = v.union([value, v.array(value, valueText)], valueText);
const renamed = (what: string) =>
  v.optional(v.record(v.string(), v.pipe(v.string(what), v.nonEmpty(what)), what));

const closedByText = 'an object with field, client and server';
const closedBySchema = v.strictObject(
  { field: path, client: v.optional(values), server: v.optional(values) },
  closedByText,
);
const piecesText = 'an object with name and, where they are in a separate field, attributes';
const piecesSchema = v.strictObject({ name: path, attributes: v.optional(path) }, piecesText);
const messageSchema = v.union([path, piecesSchema], `${pathText}; or ${piecesText}`);

const mappingText = 'an object with time, connection, event, client, server and message';
const eventText = `${pathText}; or a list of such, of which the first that a line has is read`;
const mappingSchema = v.strictObject(
  {
    time: path,
    connection: path,
    event: v.union([path, v.pipe(v.array(path), v.minLength(1))], eventText),
    connected: v.optional(values),
    disconnected: v.optional(values),
    client: values,
    server: values,
    closedBy: v.optional(closedBySchema),
    message: messageSchema,
    messages: renamed('an object: what a message is called there, and its messageName'),
    attributes: renamed('an object: what an attribute is called there, and its name'),
  },
  mappingText,
);

/**
 * The fields of a log with one JSON object a line. A field is named by its path: `ts`, or `meta.time` for one within
 * another; a name that contains a dot takes precedence.
 *
 * A service that logs its messages:
 *
 *     # {"meta":{"time":"2026-07-25T14:30:03.134Z"},"conn":17,"what":"recv","data":{"messageName":"RequestRegisterClient","name":"desk-1"}}
 *     time: meta.time               # ISO 8601, or seconds, milliseconds ... since 1970: which, its size tells
 *     connection: conn              # tells one connection from every other that is open
 *     event: what                   # tells what a line is; a line with any other value is ignored
 *     connected: open
 *     disconnected: [close, reset]
 *     client: recv                  # the client has said something
 *     server: send                  # the server has
 *     message: data                 # an object with a messageName, or such an object as a text of JSON
 *     attributes: { name: clientName }   # what the log calls by another name
 *
 * A proxy whose lines are of two kinds, with the message in pieces and numbers as texts:
 *
 *     # {"start":1784989803.134,"id":"c-9","dir":">","op":"REGISTER","args":{"referenceId":"1","clientName":"desk-1"}}
 *     # {"start":1784989808.140,"id":"c-9","state":"closed","by":"upstream"}
 *     time: start
 *     connection: id
 *     event: [dir, state]           # the first of them that a line has
 *     connected: accepted
 *     disconnected: closed
 *     client: ">"
 *     server: "<"
 *     closedBy: { field: by, client: downstream, server: upstream }
 *     message: { name: op, attributes: args }
 *     messages: { REGISTER: RequestRegisterClient, OK: EventAck, DENIED: EventError }
 */
export type JsonMapping = v.InferOutput<typeof mappingSchema>;

const keysOf = (schema: { readonly entries: object }) => Object.keys(schema.entries);

/**
 * Reads a mapping file, JSON or YAML.
 * @throws {FileError} with the invalid key and the allowed values.
 */
export async function readMapping(file: string, folder = ''): Promise<JsonMapping> {
  return mappingIn(await readStructuredFile(file, folder));
}

/** @throws {FileError} */
export function mappingIn({ path: file, value, lineOf }: StructuredFile): JsonMapping {
  // The schema accepts an empty list as an object without keys.
  const given = Array.isArray(value) ? null : value;
  const result = v.safeParse(mappingSchema, given);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const inPieces = piecesIssue(given, issue);
  const { keyPath, sentence } = inPieces ?? problemOf(issue, keysNear(issue));
  throw new FileError(file, lineOf(keyPath), sentence);
}

function keysNear(issue: v.BaseIssue<unknown>): readonly string[] {
  const [first, second] = issue.path ?? [];
  return second && first?.key === 'closedBy' ? keysOf(closedBySchema) : keysOf(mappingSchema);
}

/** The problem of the chosen alternative is more helpful than the one of both. */
function piecesIssue(given: unknown, issue: v.BaseIssue<unknown>): Problem | null {
  if (issue.path?.length !== 1 || issue.path[0]?.key !== 'message') return null;
  const { message } = given as JsonObject;
  if (!isObject(message)) return null;
  const schema = v.object({ message: piecesSchema });
  const [first] = v.safeParse(schema, { message }).issues ?? [];
  return first ? problemOf(first, keysOf(piecesSchema)) : null;
}
