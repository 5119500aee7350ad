/** Logs of other programs with one JSON object a line, read with a mapping. */
import type { Peer } from '../../../machines/registration/observer/events.js';
import type { LogFormat, LogSink } from '../log-reader.js';
import { type Field, fieldAt, textOf } from './field.js';
import {
  JsonLineReader,
  type JsonLines,
  type JsonObject,
  type Outcome,
  objectsOf,
  type Where,
} from './json-lines.js';
import { type MessageReader, messageReader } from './mapped-message.js';
import type { JsonMapping } from './mapping.js';
import { timeOf } from './time-of.js';

/** The kinds of lines. */
const meanings = ['connected', 'disconnected', 'client', 'server'] as const;
type Meaning = (typeof meanings)[number];

/** A log format described by a mapping. It has no line for the server's start, so a log may begin in the middle. */
export function jsonFormat(mapping: JsonMapping): LogFormat {
  const fields = fieldsOf(mapping);
  return {
    id: 'json',
    title: 'JSON lines, by a mapping',
    hasConnections: true,
    recognises(head) {
      for (const object of objectsOf(head)) {
        if (fields.time(object) !== undefined || fields.event(object) !== undefined) return true;
      }
      return false;
    },
    startOf(head) {
      for (const object of objectsOf(head)) {
        const at = timeOf(fields.time(object));
        if (at !== null) return at;
      }
      return null;
    },
    serverOf: () => null,
    open: (source, sink) =>
      new JsonLineReader(source, sink, new MappedLines(mapping, fields, sink)),
  };
}

/** A mapping prepared for use with each line. */
interface MappedFields {
  readonly time: Field;
  readonly connection: Field;
  readonly event: Field;
  readonly meanings: ReadonlyMap<string, Meaning>;
  readonly closedBy: Field;
  readonly closers: ReadonlyMap<string, 'client' | 'server'>;
  readonly message: MessageReader;
}

function fieldsOf(mapping: JsonMapping): MappedFields {
  const { closedBy } = mapping;
  return {
    time: fieldAt(mapping.time),
    connection: fieldAt(mapping.connection),
    event: firstOf(mapping.event),
    meanings: new Map(meanings.flatMap((name) => valuesOf(mapping[name], name))),
    closedBy: closedBy ? fieldAt(closedBy.field) : () => undefined,
    closers: new Map([
      ...valuesOf(closedBy?.client, 'client' as const),
      ...valuesOf(closedBy?.server, 'server' as const),
    ]),
    message: messageReader(mapping),
  };
}

function firstOf(paths: string | readonly string[]): Field {
  const fields = [paths].flat().map(fieldAt);
  return (object) => {
    for (const field of fields) {
      const value = field(object);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
}

type Value = string | number | boolean;

function valuesOf<Name>(values: Value | readonly Value[] | undefined, name: Name) {
  return values === undefined ? [] : [values].flat().map((value) => [String(value), name] as const);
}

class MappedLines implements JsonLines {
  readonly #mapping: JsonMapping;
  readonly #fields: MappedFields;
  readonly #sink: LogSink;
  #hasBegun = false;
  #at = 0;

  constructor(mapping: JsonMapping, fields: MappedFields, sink: LogSink) {
    this.#mapping = mapping;
    this.#fields = fields;
    this.#sink = sink;
  }

  take(object: JsonObject, _text: string, { place, inferred }: Where): Outcome {
    const { meanings, event, connection, message } = this.#fields;
    const meaning = meanings.get(textOf(event(object)));
    if (meaning === undefined) return 'ignored';
    const at = timeOf(this.#fields.time(object));
    if (at === null) return { damage: `${this.#mapping.time} is not a time` };
    const label = connection(object);
    if (typeof label !== 'string' && typeof label !== 'number') {
      return { damage: `no ${this.#mapping.connection}` };
    }
    this.#at = at;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#sink.event({ type: 'began', at, place, inferred, isWhole: false });
    }
    const peer: Peer = { label: String(label) };
    if (meaning === 'connected') this.#sink.event({ type: 'connected', at, place, inferred, peer });
    else if (meaning === 'disconnected') {
      const by = this.#fields.closers.get(textOf(this.#fields.closedBy(object))) ?? null;
      this.#sink.event({ type: 'disconnected', at, place, inferred, peer, by });
    } else {
      const said = message(object);
      if (typeof said === 'string') return { damage: said };
      this.#sink.event({ type: 'said', at, place, inferred, peer, by: meaning, message: said });
    }
    return 'used';
  }

  /** The session of the line is unknown. */
  unread(isRecord: boolean, where: Where): void {
    if (isRecord) this.#missing('damaged', where);
  }

  isBeginning(text: string): boolean {
    return text.trimStart().startsWith('{');
  }

  cut(where: Where): void {
    this.#missing('cut', where);
  }

  #missing(reason: 'damaged' | 'cut', where: Where): void {
    if (!this.#hasBegun) return;
    this.#sink.event({ type: 'missing', at: this.#at, ...where, peer: null, reason });
  }
}
