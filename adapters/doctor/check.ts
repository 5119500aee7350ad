import type { InspectedConfig } from '../config/index.js';
import type { System } from './system.js';

/** `fail`: the gate does not start, or refuses clients that it should take. `warn`: it runs, but not as the configuration intends. */
export type Severity = 'ok' | 'warn' | 'fail';

/** What a check has found. */
export interface Finding {
  readonly severity: Severity;
  /** What was found, with the values. */
  readonly text: string;
  /** What to do about it; null for `ok`. */
  readonly fix: string | null;
}

export interface CheckContext {
  /** The configuration with its problems. A check of an invalid option sees the value of the next source. */
  readonly loaded: InspectedConfig;
  readonly system: System;
  /** Aborts when the time of the check is over. */
  readonly signal: AbortSignal;
}

/**
 * One check. It changes nothing on the machine, and sends no data of clients. What it throws becomes a warning.
 * @returns nothing when the configuration has nothing to check
 */
export interface Check<Context = CheckContext> {
  /** Stable, for programs. */
  readonly id: string;
  readonly title: string;
  /** What is checked, for the docs. */
  readonly description: string;
  run(context: Context): readonly Finding[] | Promise<readonly Finding[]>;
}

export const ok = (text: string): Finding => ({ severity: 'ok', text, fix: null });
export const warn = (text: string, fix: string): Finding => ({ severity: 'warn', text, fix });
export const fail = (text: string, fix: string): Finding => ({ severity: 'fail', text, fix });

/** The findings, or one `ok` when there are none. */
export function orOk(findings: readonly Finding[], text: string): readonly Finding[] {
  return findings.length > 0 ? findings : [ok(text)];
}
