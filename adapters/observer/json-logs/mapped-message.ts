import { isWireMessage, type WireMessage } from '../../../machines/registration/chart/messages.js';
import { type Field, fieldAt, textOf } from './field.js';
import { isObject, isTooDeep, type JsonObject, tooDeep } from './json-lines.js';
import type { JsonMapping } from './mapping.js';

/** Reads the message of a line. @returns the message, or the problem. */
export type MessageReader = (object: JsonObject) => WireMessage | string;

/** Attributes that are numbers on the wire; a log may have them as texts. */
const numbers: ReadonlySet<string> = new Set(['referenceId', 'errorCode', 'proxyClientId']);

export function messageReader({ message, messages, attributes }: JsonMapping): MessageReader {
  const read = typeof message === 'string' ? whole(message) : inPieces(message);
  const nameOf = renaming(messages);
  const attributeOf = renaming(attributes);
  return (object) => {
    const found = read(object);
    if (typeof found === 'string') return found;
    const entries = Object.entries(found).map(([key, value]) => {
      const name = attributeOf(key);
      return [name, numbers.has(name) ? asNumber(value) : value] as const;
    });
    const renamed: JsonObject = Object.fromEntries(entries);
    const { messageName } = renamed;
    const named = { ...renamed, messageName: nameOf(textOf(messageName ?? '')) };
    return isWireMessage(named) ? named : 'a message without a name';
  };
}

function whole(path: string): (object: JsonObject) => JsonObject | string {
  const field = fieldAt(path);
  return (object) => {
    const value = field(object);
    if (value === undefined) return `no ${path}`;
    const found = typeof value === 'string' ? parsed(value) : value;
    return typeof found === 'string' || isObject(found) ? found : `${path} is not a message`;
  };
}

function parsed(text: string): JsonObject | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the message is not JSON';
  }
  if (!isObject(value)) return 'the message is not an object';
  return isTooDeep(value, text) ? tooDeep : value;
}

function inPieces({
  name,
  attributes,
}: Exclude<JsonMapping['message'], string>): (object: JsonObject) => JsonObject | string {
  const nameField = fieldAt(name);
  const attributesField: Field = attributes === undefined ? () => undefined : fieldAt(attributes);
  return (object) => {
    const messageName = nameField(object);
    if (typeof messageName !== 'string') return `no ${name}`;
    const given = attributesField(object);
    return { ...(isObject(given) && given), messageName };
  };
}

function renaming(names: Readonly<Record<string, string>> = {}): (name: string) => string {
  const known = new Map(Object.entries(names));
  return (name) => known.get(name) ?? name;
}

function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
}
