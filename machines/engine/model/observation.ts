/** What a tester observes of a chart after each input, and its form in suites. */
import type { StateValue } from 'xstate';
import { pathOf } from '../table/state-name.js';

/** What a tester may observe: the actions that ran, the state value, the tags of the state. */
export const observables = ['actions', 'value', 'tags'] as const;
export type Observable = (typeof observables)[number];

/** What is seen after one input. Parts that a tester cannot see are left out. */
export interface Observation {
  /** The actions that ran since the last observation, in order, as the table names them: parameters follow the name as JSON. */
  readonly actions?: readonly string[];
  /** The state value. */
  readonly value?: StateValue;
  readonly tags?: readonly string[];
  /** `done` after a final state, `error` after an exception. @default active */
  readonly status?: 'active' | 'done' | 'error' | 'stopped';
}

/** The parts of an output in a suite begin with these words. */
const words = { value: 'in ', tags: 'tagged ', status: 'chart ' } as const;
const separator = '; ';

/**
 * An observation as the output of a suite, e.g. `beep, alarm {"level":1}; in on.loud; tagged busy`. Only what is observed is part of it,
 * and always the end or the failure of the chart.
 */
export function outputText(seen: Observation, observed: readonly Observable[]): string {
  const { actions = [], value, tags = [], status = 'active' } = seen;
  const parts: string[] = [];
  if (observed.includes('actions') && actions.length > 0) parts.push(actions.join(', '));
  if (observed.includes('value') && value !== undefined) {
    parts.push(`${words.value}${pathOf(value) || 'the root'}`);
  }
  if (observed.includes('tags') && tags.length > 0) {
    parts.push(`${words.tags}${[...tags].sort().join(', ')}`);
  }
  if (status === 'done' || status === 'error') parts.push(`${words.status}${status}`);
  return parts.join(separator);
}

/** The parts of an output, each with what it tells. */
export function outputParts(output: string): { readonly kind: string; readonly text: string }[] {
  return output
    .split(separator)
    .filter((part) => part !== '')
    .map((text) => {
      const [kind = 'actions'] =
        Object.entries(words).find(([, word]) => text.startsWith(word)) ?? [];
      return { kind, text };
    });
}
