/** The registration chart's marks, from what the page knows of a session. */
import type { ChartProps, Configuration } from '../state/contracts.js';
import type { ChartMarks, Countdown } from './marks.js';

const unregistered = 'registration.connected.unregistered';

/** Ids of the innermost active states. */
export function statesOfConfiguration(configuration: Configuration): string[] {
  const [exchange, deadline] = configuration.split('/');
  if (deadline)
    return [`${unregistered}.exchange.${exchange}`, `${unregistered}.deadline.${deadline}`];
  return configuration === 'registered'
    ? ['registration.connected.registered']
    : [`registration.${configuration}`];
}

export function registrationMarks(props: ChartProps): ChartMarks {
  const { configuration, taken, counts, selection, deadline, path } = props;
  return {
    active: new Set(configuration === null ? [] : statesOfConfiguration(configuration)),
    taken,
    // Without a session there is nothing to count, and no edge is one that was never taken.
    counts: configuration === null ? null : counts,
    countsAreComplete: props.countsAreComplete,
    selected: selection.edges,
    countdown: deadline && countdownOf(deadline),
    path,
  };
}

function countdownOf({ kind, ...times }: NonNullable<ChartProps['deadline']>): Countdown {
  return { state: `${unregistered}.deadline.${kind}`, ...times };
}
