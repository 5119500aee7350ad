import { OptionError } from '../runtime/errors.js';
import type { ManagedSession, SessionHolder } from './admitted-connection.js';

/**
 * The groups of a gate. A group exists while it has members. The sets contain holders and no sessions, as in SessionRegistry
 * (decision 0012).
 */
export class SessionGroups {
  readonly #byName = new Map<string, Set<SessionHolder>>();

  join(group: string, holder: SessionHolder): void {
    const members = this.#byName.get(group);
    if (members) members.add(holder);
    else this.#byName.set(group, new Set([holder]));
  }

  leave(group: string, holder: SessionHolder): void {
    const members = this.#byName.get(group);
    members?.delete(holder);
    if (members?.size === 0) this.#byName.delete(group);
  }

  size(group: string): number {
    return this.#byName.get(group)?.size ?? 0;
  }

  /** A copy of the list of members, in the order in which they joined. */
  of(group: string): ManagedSession[] {
    const sessions: ManagedSession[] = [];
    for (const { session } of this.#byName.get(group) ?? []) if (session) sessions.push(session);
    return sessions;
  }
}

/** @throws {OptionError} */
export function checkGroup(group: unknown): void {
  if (typeof group === 'string' && group !== '') return;
  throw new OptionError('group', group, 'text that is not empty');
}
