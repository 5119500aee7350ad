import { setImmediate } from 'node:timers/promises';
import type { RequestRegisterClient } from '../../machines/registration/chart/messages.js';
import { abridged } from '../../machines/text/format.js';
import { invalid, type Verdict, valid } from '../server/validator.js';
import type { ClientRule, ListedClients } from './client-list-file.js';
import { numberOf } from './name-index.js';
import { textAt } from './packed-texts.js';
import { Wildcard } from './wildcard.js';

/** Patterns prepared per turn of the event loop. */
const patternsAtOnce = 1_000;

/** A loaded allow-list. An exact name takes precedence; otherwise the first matching pattern of the file applies. */
export class ClientList {
  readonly #listed: ListedClients;
  readonly #patterns: readonly Wildcard[];

  /** Prepares a list for lookups, in several turns of the event loop. */
  static async of(listed: ListedClients): Promise<ClientList> {
    const patterns: Wildcard[] = [];
    for (let index = 0; index < listed.patternRules.length; index += 1) {
      if (index % patternsAtOnce === patternsAtOnce - 1) await setImmediate();
      patterns.push(new Wildcard(textAt(listed.patterns, index)));
    }
    return new ClientList(listed, patterns);
  }

  private constructor(listed: ListedClients, patterns: readonly Wildcard[]) {
    this.#listed = listed;
    this.#patterns = patterns;
  }

  /** The number of entries. */
  get size(): number {
    return this.#listed.nameRules.length + this.#patterns.length;
  }

  verdictOn(request: RequestRegisterClient): Verdict {
    const { clientName, clientType, mediaType } = request;
    const rule = this.#find(clientName);
    if (!rule) return invalid('unknown name');
    if (rule.types && !rule.types.includes(clientType)) {
      return invalid(`type ${clientType} is not allowed for this name`);
    }
    if (rule.mediaTypes && mediaType === undefined) {
      return invalid('media type is missing; this name requires it');
    }
    if (rule.mediaTypes && !rule.mediaTypes.includes(mediaType ?? '')) {
      return invalid(`media type ${abridged(mediaType)} is not allowed for this name`);
    }
    return rule.cap === undefined ? valid : { valid: true, cap: rule.cap };
  }

  /** Tries all patterns for all names, known or not, so that timing does not reveal known names. */
  #find(name: string): ClientRule | null {
    const { names, nameRules, patternRules, rules } = this.#listed;
    const characters = [...name];
    let fitting: number | undefined;
    for (const [index, pattern] of this.#patterns.entries()) {
      if (pattern.matches(characters)) fitting ??= patternRules[index];
    }
    const known = numberOf(names, name);
    const rule = known === null ? fitting : nameRules[known];
    // Reads a rule for unknown names too, so that timing is equal.
    const read: ClientRule | null = JSON.parse(textAt(rules, rule ?? 0) || 'null');
    return rule === undefined ? null : read;
  }
}
