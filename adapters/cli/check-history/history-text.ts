import type {
  HistoryGrant,
  HistoryOverlap,
  HistoryViolation,
} from '../../../machines/directory/history.js';

const titles = {
  'epoch-twice': 'two sessions with one epoch',
  'epoch-backwards': 'an epoch goes backwards',
  overlap: 'more sessions than the cap',
} as const;

export function violationText({ type, ...pair }: HistoryViolation): string {
  return `${titles[type]}: ${pairText(pair)}`;
}

export function overlapText(overlap: HistoryOverlap): string {
  return `overlap: ${pairText(overlap)}`;
}

function pairText({ name, first, second, duration }: HistoryOverlap): string {
  const length = duration === null ? '' : `, for ${duration} ms`;
  return `${JSON.stringify(name)}${length}\n  ${grantText(first)}\n  ${grantText(second)}`;
}

function grantText({ session, node, epoch, at, place }: HistoryGrant): string {
  return `session ${session} on ${node}, epoch ${epoch}, ${new Date(at).toISOString()}, ${place}`;
}
