/**
 * The interface of Standard Schema 1 (https://standardschema.dev), which the schemas of valibot, zod, arktype and others implement. Only
 * the parts that are used here; a copy, because the package has nothing but these types.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The keys of the value that an issue is about; none for the whole value. */
export function pathOf({ path = [] }: StandardIssue): PropertyKey[] {
  // Not `path.map`: the path of arktype is a subclass of Array, whose `map` does not work.
  return Array.from(path, (part) => (typeof part === 'object' ? part.key : part));
}

/** Whether a value implements Standard Schema. The schemas of arktype are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<StandardSchema>)['~standard'];
  return typeof standard?.validate === 'function';
}
