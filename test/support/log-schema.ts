/** Checks lines of the log of a gate against the published schema. */
import { readFileSync } from 'node:fs';
import { type ValidateFunction, Ajv2020 as Validator } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface LineSchema {
  readonly properties: {
    readonly event: { readonly const: string };
    readonly of?: { readonly const: string };
  };
}
interface Schema {
  readonly oneOf: readonly LineSchema[];
  readonly $defs: object;
}

const schema = JSON.parse(
  readFileSync(new URL('../../docs/log-schema.json', import.meta.url), 'utf8'),
) as Schema;

let all: ValidateFunction | null = null;
/** By event, for readable problems. */
const single = new Map<LineSchema, ValidateFunction>();

/** Why a line does not fit the schema; null if it does. */
export function problemOfLine(text: string): string | null {
  let line: { readonly event?: unknown; readonly of?: unknown };
  try {
    line = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  all ??= compiled(schema);
  const fits: boolean = all(line);
  if (fits) return null;
  const one = schema.oneOf.find(
    ({ properties: { event, of } }) => event.const === line.event && of?.const === line.of,
  );
  if (!one) return `unknown event ${String(line.event)}`;
  const validate = single.get(one) ?? compiled({ type: 'object', ...one, $defs: schema.$defs });
  single.set(one, validate);
  validate(line);
  return (validate.errors ?? [])
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join(', ');
}

function compiled(given: object): ValidateFunction {
  const ajv = new Validator({ allErrors: true, allowUnionTypes: true, strictRequired: false });
  formats.default(ajv);
  return ajv.compile(given);
}
