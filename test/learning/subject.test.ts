import { expect, it } from 'vitest';
import { subjectOf } from '../../adapters/tester/learning/learn-server.js';
import { loadProtocol } from '../../adapters/tester/protocols/load-protocol.js';

it('The figure of a learned protocol has the timeouts that are stated, and no others', async () => {
  const mqtt = await loadProtocol('mqtt-connect', process.cwd());
  const timeouts = (timers: Readonly<Record<string, number>>) => {
    const { expected, horizon } = subjectOf('mqtt-connect', mqtt, { timers });
    const lengths = expected?.states
      .filter(({ isClosed }) => !isClosed)
      .map(({ timeout, isSilenceUnobserved }) => timeout?.length ?? isSilenceUnobserved);
    return { lengths, horizon };
  };
  expect(timeouts({})).toEqual({ lengths: [true, true], horizon: 2_500 });
  expect(timeouts({ keepAlive: 3_000 })).toEqual({ lengths: [true, 3_000], horizon: 3_750 });
});
