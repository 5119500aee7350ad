/** The allowed values of `redactNames`, in words. */
export const redactNamesAllowed = 'names of attributes, each with a letter';

export function isRedactName(name: unknown): name is string {
  return typeof name === 'string' && /\p{L}/u.test(name);
}
