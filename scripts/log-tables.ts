/** What docs/ has of the log: the tables of events, fields and signals, and the JSON Schema of a line. */
import {
  type EventName,
  eventNames,
  logEvents,
  logSchema,
} from '../adapters/service/log-events.js';
import { type FieldName, logFields } from '../adapters/service/log-fields.js';
import { gateSignals, signalNames } from '../adapters/service/signals.js';
import { code, table, withTables } from './readme-tables.js';

interface Row {
  readonly severity: string;
  readonly fields: readonly string[];
  readonly meaning: string;
  readonly limit?: 'often' | 'once';
  readonly audit?: true;
}
const rows: Readonly<Record<EventName, Row>> = logEvents;
const fieldNames = Object.keys(logFields) as FieldName[];
const limits = { often: '20 in 10 s', once: 'once' } as const;

/** The files with what is generated. */
export const logPages: Readonly<Record<string, (text: string) => string>> = {
  'docs/log-events.md': (text) =>
    withTables(
      text,
      new Map([
        ['log-events', eventTable()],
        ['log-fields', fieldTable()],
      ]),
      'docs/log-events.md',
    ),
  'docs/log-schema.json': logSchemaText,
  'docs/operate.md': (text) =>
    withTables(text, new Map([['signals', signalTable()]]), 'docs/operate.md'),
};

function eventTable(): string {
  return table(
    ['event', 'level', 'limit', 'audit', 'fields', 'meaning'],
    eventNames.map((name) => {
      const { severity, fields, limit, audit, meaning } = rows[name];
      const shown = fields.map(code).join(' ');
      return [code(name), severity, limit ? limits[limit] : '', audit ? 'yes' : '', shown, meaning];
    }),
  );
}

function fieldTable(): string {
  return table(
    ['field', 'type', 'meaning'],
    fieldNames.map((name) => [
      code(name),
      [logFields[name].schema.type].flat().join(' or '),
      logFields[name].description,
    ]),
  );
}

function signalTable(): string {
  return table(
    ['signal', 'what the gate does', 'on Windows'],
    signalNames.map((name) => [code(name), gateSignals[name].effect, gateSignals[name].windows]),
  );
}

function logSchemaText(): string {
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `A line of the log of ixgate serve, schema ${logSchema}`,
    type: 'object',
  };
  const lines = [
    ...eventNames.map((name) => lineSchema(name, false)),
    ...eventNames.filter((name) => rows[name].limit).map((name) => lineSchema(name, true)),
  ].map((line) => JSON.stringify(line));
  const fields = fieldNames.map((name) => {
    const { schema, description } = logFields[name];
    return `${JSON.stringify(name)}:${JSON.stringify({ description, ...schema })}`;
  });
  // One line for each event and field, so that a change is readable.
  const start = JSON.stringify(head).slice(0, -1);
  return `${start},\n"oneOf":[\n${lines.join(',\n')}\n],\n"$defs":{\n${fields.join(',\n')}\n}}\n`;
}

/**
 * The schema of the lines of an event.
 * @param isCount the line that counts suppressed lines: it has the fields of the last of them
 */
function lineSchema(name: EventName, isCount: boolean): object {
  const { severity, audit, meaning } = rows[name];
  const fields = [...rows[name].fields, ...(isCount ? ['suppressed'] : [])];
  const required = fields.filter((field) => !field.endsWith('?'));
  return {
    description: isCount ? `suppressed lines of ${name}` : meaning,
    properties: {
      logSchema: { const: logSchema, description: 'on the first line of a start and of a file' },
      version: { type: 'string', description: 'version of ixgate, on the same line' },
      level: { const: severity },
      time: { type: 'string', format: 'date-time' },
      event: { const: isCount ? 'suppressed' : name },
      ...(isCount && { of: { const: name } }),
      ...Object.fromEntries(
        fields.map((field) => [bare(field), { $ref: `#/$defs/${bare(field)}` }]),
      ),
      ...(audit && { audit: { const: true } }),
      msg: { type: 'string', description: 'for people; the text may change' },
    },
    required: [
      'level',
      'time',
      'event',
      ...(isCount ? ['of'] : []),
      ...required,
      ...(audit ? ['audit'] : []),
      'msg',
    ],
    additionalProperties: false,
  };
}

function bare(field: string): string {
  return field.replace('?', '');
}
