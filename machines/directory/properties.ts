/** The properties of the directory, each with a name and a sentence. */
import type { DirectorySettings } from './rules.js';

export const directoryProperties = [
  {
    id: 'one-owner',
    sentence: 'No two sessions have the name with the same epoch.',
  },
  {
    id: 'rising',
    sentence: 'Each grant has a higher epoch than all grants before it.',
  },
  {
    id: 'no-overlap',
    sentence:
      'With reject and close, and a store that loses no writes, no two gates have a session of the name at once.',
  },
  {
    id: 'one-in-gate',
    sentence:
      'With reject, unless acknowledged writes were lost, no gate has two sessions of the name at once.',
  },
  {
    id: 'newest-stays',
    sentence: 'Reasserting never takes the name from a session for one with a lower epoch.',
  },
  {
    id: 'agreement',
    sentence:
      'At rest there is at most one session of the name, and the store has exactly this session.',
  },
  {
    id: 'settles',
    sentence:
      'Without more faults, claims and ends of sessions, the gates and the store come to rest.',
  },
] as const satisfies readonly { id: string; sentence: string }[];

export type DirectoryProperty = (typeof directoryProperties)[number]['id'];

/** Whether a property is promised with these settings. */
export function isPromised(property: DirectoryProperty, settings: DirectorySettings): boolean {
  const { policy, loss, mayHappen } = settings;
  const loses = mayHappen.includes('failover') || mayHappen.includes('empty');
  if (property === 'no-overlap') return policy === 'reject' && loss === 'close' && !loses;
  if (property === 'one-in-gate') return policy === 'reject' && !mayHappen.includes('failover');
  return true;
}
