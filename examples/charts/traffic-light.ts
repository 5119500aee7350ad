/** A traffic light with a pedestrian light inside: timers and nested states. */
import { setup } from 'xstate';

export const trafficLight = setup({
  delays: { greenTime: 30_000, yellowTime: 3_000, walkTime: 10_000, waitTime: 5_000 },
  actions: { countDown: () => {} },
}).createMachine({
  id: 'trafficLight',
  initial: 'green',
  states: {
    green: { tags: 'go', after: { greenTime: 'yellow' } },
    yellow: { after: { yellowTime: 'red' } },
    red: {
      initial: 'walk',
      states: {
        walk: { after: { walkTime: { target: 'wait', actions: 'countDown' } } },
        wait: { after: { waitTime: 'stop' } },
        stop: { type: 'final' },
      },
      onDone: 'green',
    },
    dark: { on: { POWER_ON: 'red' } },
  },
  on: { POWER_OFF: '.dark' },
});

export const ixgate = {
  never: {
    'cars and pedestrians go': ({ tags, matches }) => tags.includes('go') && matches('red'),
  },
  leadsTo: { 'red ends': ['red', ({ tags, matches }) => tags.includes('go') || matches('dark')] },
} satisfies import('ixgate/model').ChartOptions;
