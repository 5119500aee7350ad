/**
 * Renders the Helm chart without Helm: by Go's template engine, as WebAssembly. It knows what is part of Go; of the functions that Helm adds,
 * `toYaml VALUE | nindent N` and `quote` are replaced before. Any other function is an error, and so is a value that does not exist.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as render } from '@evertdespiegeleer/go-template';
import { parse, stringify } from 'yaml';

export const chart = 'deploy/helm/ixgate';

export type Values = Record<string, unknown>;

/** The values of the chart with changes; objects are merged, as Helm does. */
export async function valuesWith(changes: Values = {}): Promise<Values> {
  return merged(parse(await readFile(join(chart, 'values.yaml'), 'utf8')), changes) as Values;
}

function merged(one: unknown, other: unknown): unknown {
  if (!isObject(one) || !isObject(other)) return other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in other ? merged(one[key], other[key]) : one[key]]),
  );
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Renders every template: the text by the file's name. */
export async function rendered(values: Values): Promise<Map<string, string>> {
  const meta = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8')) as Values;
  const context = {
    Values: values,
    Release: { Name: 'gate', Namespace: 'front' },
    Chart: { Name: meta.name, Version: meta.version, AppVersion: meta.appVersion },
  };
  const texts = new Map<string, string>();
  for (const file of (await readdir(join(chart, 'templates'))).sort()) {
    const template = await readFile(join(chart, 'templates', file), 'utf8');
    texts.set(file, await render(withoutHelm(template, values), context));
  }
  return texts;
}

function withoutHelm(template: string, values: Values): string {
  return template
    .replace(/\| quote\b/g, '| printf "%q"')
    .replace(
      /\{\{- toYaml \.Values\.([\w.]+) \| nindent (\d+) \}\}/g,
      (_, path: string, indent) => {
        const value = path.split('.').reduce<unknown>((at, key) => (at as Values)[key], values);
        const text = stringify(value).trimEnd();
        // As a template that prints a text, so that braces in values stay.
        const lines = text.split('\n').map((line) => `\n${' '.repeat(Number(indent))}${line}`);
        return `{{- ${JSON.stringify(lines.join(''))} }}`;
      },
    );
}
