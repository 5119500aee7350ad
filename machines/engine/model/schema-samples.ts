/** Values of a JSON Schema at its boundaries: what decides guards is at the ends of ranges, in enumerations and in what may be missing. */

type Schema = Readonly<Record<string, unknown>>;

/** A schema nested deeper than this has no values below. */
const maxDepth = 6;

/**
 * Values for a schema (draft 2020-12), the most different ones first, each once. Each value of a property occurs in at least one object; not
 * every combination does. Keywords that are not known are ignored, so the values must be validated.
 * @param count maximum number of values.
 */
export function schemaSamples(schema: Schema, count: number): unknown[] {
  const root = schema;
  const definitionOf = (reference: string): unknown =>
    reference
      .replace(/^#\/?/, '')
      .split('/')
      .filter((key) => key !== '')
      .reduce<unknown>((part, key) => (Object(part) as Schema)[unescaped(key)], root);

  function valuesOf(given: unknown, depth: number): unknown[] {
    if (given === true || given === undefined) return ['text', 0, null];
    if (given === false || depth > maxDepth) return [];
    const { $ref, ...one } = given as Schema;
    if (typeof $ref === 'string') return valuesOf(definitionOf($ref), depth + 1);
    if ('const' in one) return [one.const];
    if (Array.isArray(one.enum)) return one.enum;
    const choices = one.anyOf ?? one.oneOf;
    if (Array.isArray(choices)) return choices.flatMap((choice) => valuesOf(choice, depth + 1));
    if (Array.isArray(one.allOf)) {
      return valuesOf(Object.assign({}, one, { allOf: undefined }, ...one.allOf), depth + 1);
    }
    const types = [one.type].flat();
    return types.flatMap((type) => typed(String(type ?? guessedType(one)), one, depth));
  }

  function typed(type: string, one: Schema, depth: number): unknown[] {
    switch (type) {
      case 'boolean':
        return [true, false];
      case 'null':
        return [null];
      case 'integer':
      case 'number':
        return numbers(one, type === 'integer');
      case 'string':
        return strings(one);
      case 'array':
        return arrays(one, valuesOf(one.items ?? one.prefixItems, depth + 1));
      case 'object':
        return objects(one, (part) => valuesOf(part, depth + 1));
      default:
        return [];
    }
  }

  return distinct(valuesOf(schema, 0)).slice(0, count);
}

function guessedType(schema: Schema): string {
  if ('properties' in schema) return 'object';
  return 'items' in schema ? 'array' : 'string';
}

function numbers(schema: Schema, isInteger: boolean): number[] {
  const step = isInteger ? 1 : 0.5;
  const at = (key: string) => (typeof schema[key] === 'number' ? [schema[key] as number] : []);
  const low = [...at('minimum'), ...at('exclusiveMinimum').map((one) => one + step)];
  const high = [...at('maximum'), ...at('exclusiveMaximum').map((one) => one - step)];
  const multiple = at('multipleOf')[0];
  const [min, max] = [Math.max(...low, -Infinity), Math.min(...high, Infinity)];
  const wanted = [min, max, 0, 1, -1, min + step, max - step];
  return wanted
    .map((one) => (multiple === undefined ? one : Math.round(one / multiple) * multiple))
    .filter((one) => Number.isFinite(one) && one >= min && one <= max);
}

const formats: Readonly<Record<string, string>> = {
  email: 'name@example.com',
  uri: 'https://example.com/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  date: '2024-02-29',
  'date-time': '2024-02-29T12:00:00Z',
  time: '12:00:00Z',
  ipv4: '192.0.2.1',
  hostname: 'example.com',
};

function strings(schema: Schema): string[] {
  const example = formats[String(schema.format)];
  const { minLength: min = 0, maxLength: max = Number(min) + 10 } = schema as {
    minLength?: number;
    maxLength?: number;
  };
  const given = [schema.default, ...[schema.examples].flat()].filter(
    (one): one is string => typeof one === 'string',
  );
  if (example !== undefined) return [...given, example];
  return [...given, 'a'.repeat(min), 'a'.repeat(Math.min(max, Math.max(min, 1))), 'a'.repeat(max)];
}

function arrays(schema: Schema, items: readonly unknown[]): unknown[] {
  const { minItems: min = 0, maxItems: max = Number(min) + 2 } = schema as {
    minItems?: number;
    maxItems?: number;
  };
  const ofLength = (length: number) =>
    Array.from({ length }, (_, at) => items[at % Math.max(1, items.length)]);
  return [min, Math.max(min, 1), max]
    .filter((length) => length <= max && length < 100)
    .map(ofLength);
}

/** As many objects as the property with the most values has; each property takes its values in turn. An optional one is missing once. */
function objects(schema: Schema, valuesOf: (part: unknown) => unknown[]): unknown[] {
  const required = new Set([schema.required].flat());
  const missing = Symbol('missing');
  const columns = Object.entries(Object(schema.properties) as Schema).map(([key, part]) => {
    const values = distinct(valuesOf(part));
    return [key, required.has(key) ? values : [...values, missing]] as const;
  });
  if (columns.some(([, values]) => values.length === 0)) return [];
  const rows = Math.max(1, ...columns.map(([, values]) => values.length));
  const objectAt = (choose: (column: number, values: readonly unknown[]) => unknown) =>
    Object.fromEntries(
      columns
        .map(([key, values], column) => [key, choose(column, values)] as const)
        .filter(([, value]) => value !== missing),
    );
  return [
    ...Array.from({ length: rows }, (_, row) =>
      objectAt((_column, values) => values[row % values.length]),
    ),
    // Each value of a property once with the first value of the others: a guard may read several.
    ...columns.flatMap(([, values], changed) =>
      values
        .slice(1)
        .map((value) => objectAt((column, all) => (column === changed ? value : all[0]))),
    ),
  ];
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function unescaped(key: string): string {
  return key.replace(/~1/g, '/').replace(/~0/g, '~');
}
