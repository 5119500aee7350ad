import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Log } from '../../adapters/service/log.js';
import type { Severity } from '../../adapters/service/log-events.js';
import {
  type EventName,
  eventNames,
  isAudited,
  logEvents,
} from '../../adapters/service/log-events.js';
import { type FieldName, logFields } from '../../adapters/service/log-fields.js';
import { lineOf } from '../../adapters/service/log-output/line-output.js';
import { logPages } from '../../scripts/log-tables.js';
import { problemOfLine } from '../support/log-schema.js';

type Fields = Record<string, unknown> & { readonly event: string };

/** A value of the type of a field. */
function sampleOf(name: FieldName): unknown {
  if (name === 'by') return { via: 'signal', signal: 'SIGHUP' };
  const { type } = logFields[name].schema as { readonly type: string | readonly string[] };
  const [first = ''] = [type].flat();
  const samples: Record<string, unknown> = {
    string: 'text',
    integer: 7,
    object: {},
    array: ['text'],
  };
  return samples[first];
}

function fieldsOf(name: EventName): Fields {
  const fields: readonly string[] = logEvents[name].fields;
  const entries = fields.map((field) => field.replace('?', '') as FieldName);
  return { event: name, ...Object.fromEntries(entries.map((field) => [field, sampleOf(field)])) };
}

function write(severity: Severity, fields: Fields, audited = isAudited(fields.event)): string {
  return lineOf({ severity, text: 'text', fields }, audited).trimEnd();
}

describe('the schema of the log', () => {
  test.each(Object.keys(logPages))('%s has what is generated (npm run readme)', async (path) => {
    const text = await readFile(path, 'utf8');
    expect(text).toBe(logPages[path]?.(text));
  });

  test.each(eventNames)('takes a line of %s, and no other', (name) => {
    const { severity, fields } = logEvents[name];
    const whole = fieldsOf(name);
    expect(problemOfLine(write(severity, whole))).toBe(null);
    const wrong = [
      write(severity === 'info' ? 'warn' : 'info', whole),
      write(severity, whole, !isAudited(name)),
      write(severity, { ...whole, other: 1 }),
      ...fields
        .filter((field) => !field.endsWith('?'))
        .flatMap((field) => [
          write(severity, { ...whole, [field]: undefined }),
          write(severity, { ...whole, [field]: true }),
        ]),
    ];
    for (const line of wrong) expect([line, problemOfLine(line)]).not.toEqual([line, null]);
  });

  test('takes the count of suppressed lines of an event that is limited, with the fields of the last', () => {
    for (const name of eventNames) {
      const row: { readonly severity: Severity; readonly limit?: string } = logEvents[name];
      const count = { ...fieldsOf(name), event: 'suppressed', of: name, suppressed: 12 };
      const problem = problemOfLine(write(row.severity, count, isAudited(name)));
      expect([name, problem === null]).toEqual([name, row.limit !== undefined]);
    }
  });

  test('knows no other event, and no line without one', () => {
    expect(problemOfLine(write('info', { event: 'other' }))).toContain('unknown event other');
    expect(problemOfLine('{"level":"info"}')).not.toBe(null);
    expect(problemOfLine('text')).toBe('no JSON');
  });

  test('is what the writers are checked against by type', () => {
    const log = new Log({ level: 'info', output: nowhere, exit: () => {} });
    log.info('right', { event: 'clients-disconnected', revoked: 1 });
    // @ts-expect-error a field is missing
    log.info('wrong', { event: 'clients-disconnected' });
    // @ts-expect-error a field has another type
    log.info('wrong', { event: 'clients-disconnected', revoked: '1' });
    // @ts-expect-error an unknown field
    log.info('wrong', { event: 'clients-disconnected', revoked: 1, other: 1 });
    // @ts-expect-error an unknown event
    log.info('wrong', { event: 'other' });
    // @ts-expect-error another severity
    log.warn('wrong', { event: 'clients-disconnected', revoked: 1 });
  });
});

describe('the level', () => {
  test('of an operator is in the audit file before any other output has it', () => {
    const order: string[] = [];
    const to = (name: string) => ({
      write: () => void order.push(name),
      announce: () => void order.push(name),
      close: async () => {},
    });
    const log = new Log({
      level: 'info',
      output: to('output'),
      audit: to('audit'),
      exit: () => {},
    });
    log.info('reloaded', { event: 'reloaded' } as never);
    log.announce('started', { event: 'listening' } as never);
    expect(order).toEqual(['audit', 'output', 'audit', 'output']);
  });

  test('hides lines below it, but not actions of operators', () => {
    const lines: string[] = [];
    const output = { ...nowhere, write: (line: string) => lines.push(JSON.parse(line).event) };
    const log = new Log({ level: 'silent', output, exit: () => {} });
    log.error('text', { event: 'problem', code: null });
    log.info('text', { event: 'stopped' });
    log.fatal('text', { event: 'crashed' });
    expect(lines.splice(0)).toEqual(['stopped', 'crashed']);
    log.level = 'warn';
    log.info('text', { event: 'clients-disconnected', revoked: 1 });
    log.info('text', { event: 'viewer-connected', viewer: 'viewer-1' });
    log.error('text', { event: 'problem', code: null });
    expect(lines).toEqual(['clients-disconnected', 'problem']);
    expect(log.level).toBe('warn');
  });
});

const nowhere = { write() {}, announce() {}, close: async () => {} };
