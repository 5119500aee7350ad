/** Mutants of the registration as live servers: each that is not equivalent is learned as a machine that differs. */
import { expect, it } from 'vitest';
import { differencesOf } from '../../machines/engine/learning/differences.js';
import { learn } from '../../machines/engine/learning/learn.js';
import { mutantsOf } from '../../machines/engine/mutation/mutants.js';
import { populationOf } from '../../machines/engine/mutation/population.js';
import type { ChartTable } from '../../machines/engine/table/table.js';
import { generatorOf } from '../../machines/engine/testgen/random.js';
import { inputs, model, registration } from '../engine/learning/servers.js';
import { lines, plainSystem } from './plain-system.js';

const seed = 21;
const count = 10;
const wire = lines({ inputs: Object.fromEntries(inputs.map((input) => [input, input])) });

/** Runs a chart on real timers; a line is an input. */
function liveServer(table: ChartTable) {
  return plainSystem(
    {
      connected(socket) {
        const server = model.connect(table);
        let last = performance.now();
        let timer: NodeJS.Timeout | undefined;
        const goOn = (input?: (typeof inputs)[number]) => {
          const now = performance.now();
          server.pass(now - last);
          last = now;
          if (input) server.send(input);
          const outputs = server.seen().filter(({ output }) => output !== 'closed');
          if (socket.writable) for (const { output } of outputs) socket.write(`${output}\n`);
          clearTimeout(timer);
          if (server.isClosed) socket.end();
          else if (server.left !== null) timer = setTimeout(goOn, server.left);
        };
        socket.on('close', () => clearTimeout(timer));
        socket.on('data', (data) => {
          for (const line of data.toString().split('\n').slice(0, -1)) {
            goOn(line as (typeof inputs)[number]);
          }
        });
        goOn();
      },
    },
    wire,
    { horizon: 600, patience: undefined, tolerance: 20 },
  );
}

it(`finds ${count} mutants, which a seed chooses`, { timeout: 600_000 }, async () => {
  const { machine: right } = await learn(registration());
  const tables = new Map(
    [...mutantsOf(model.table)].map(({ description, table }) => [description, table]),
  );
  const random = generatorOf(seed);
  const chosen = populationOf(model)
    .groups.map((group) => ({ group, at: random() }))
    .sort((one, other) => one.at - other.at)
    .slice(0, count);
  const missed: unknown[] = [];
  let found = 0;
  const works = [1, 2].map(async () => {
    for (let next = chosen.shift(); next; next = chosen.shift()) {
      const { description = '' } = next.group.mutants[0] ?? {};
      await using live = await liveServer(tables.get(description) ?? model.table);
      const learned = await learn(live.system, {
        ...{ connections: 32, candidates: [right], maxConnections: 3_000 },
      });
      const differences = differencesOf(right, learned.machine, live.system.tolerance);
      if (differences.length > 0) found += 1;
      else missed.push({ description, end: learned.end });
    }
  });
  await Promise.all(works);
  expect({ missed, found }).toEqual({ missed: [], found: count });
});
