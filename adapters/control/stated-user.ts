/** Header with the name that a user of the control socket states. */
export const userHeader = 'ixgate-user';

const maxLength = 64;

/** A name as a header and a line of a log can have it: short, of visible ASCII; undefined if nothing of it remains. */
export function statedUser(name: string): string | undefined {
  return name.replace(/[^\x21-\x7e]/g, '').slice(0, maxLength) || undefined;
}
