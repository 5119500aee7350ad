import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { InspectedApp } from '../../../machines/engine/inspection/app.js';
import { heldLimits } from '../../../machines/engine/inspection/limits.js';
import { linesOf } from '../../../machines/engine/inspection/lines.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function megabytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1_000_000;
}

it('Lines about many actors of one machine share its definition in memory', () => {
  const app = new InspectedApp('app-1', { name: null, key: null, at: 1 }, heldLimits);
  const description = 'x'.repeat(200_000);
  const definition = JSON.stringify({ id: 'm', initial: 'a', states: { a: {} }, description });
  for (let actor = 0; actor < 500; actor += 1) {
    const message = { type: '@xstate.actor', sessionId: `x:${actor}`, name: 'm', definition };
    app.take(JSON.stringify(message), 1);
  }
  const before = megabytes();
  const lines = [...linesOf(app)];
  const growth = megabytes() - before;
  const characters = lines.reduce((sum, { length }) => sum + length, 0);
  expect(characters).toBeGreaterThan(100_000_000);
  expect(growth).toBeLessThan(10);
});
