import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowsOf, type Figure, figures } from '../../../machines/index.js';
import { searchOf } from '../../../machines/registration/product/check.js';
import type { GlobalState } from '../../../machines/registration/product/global-state.js';
import type { ModelStep } from '../../../machines/registration/product/model-step.js';
import { RealSeats } from './real-seats.js';

const search = searchOf({ bound: 2 });
const { model } = search;

/** The way of the figure through the model, where nothing but its arrows is sent and nothing but its timeout runs out. */
function playedIn(figure: Figure): ModelStep[] | null {
  const wanted = arrowsOf(figure).slice(1);
  const places: { world: GlobalState; at: number; way: ModelStep[] }[] = [
    { world: model.initial, at: 0, way: [] },
  ];
  const seen = new Set<string>();
  for (const { world, at, way } of places) {
    const isEnd =
      model.isTerminal(world) || (wanted.at(-1)?.kind === 'message' && model.isAtRest(world));
    if (at === wanted.length && isEnd) return way;
    model.each(world, (step, next) => {
      const arrow = wanted[at];
      const isSent = step.kind === 'sends' || step.kind === 'closes' || step.kind === 'timer';
      if (['fails', 'drops', 'tries'].includes(step.kind)) return;
      if (isSent && !matches(step, arrow)) return;
      const key = `${model.encoding.encode(next)} ${isSent ? at + 1 : at}`;
      if (seen.has(key)) return;
      seen.add(key);
      places.push({ world: next, at: isSent ? at + 1 : at, way: [...way, step] });
    });
  }
  return null;
}

function matches(step: ModelStep, arrow: ReturnType<typeof arrowsOf>[number] | undefined): boolean {
  if (!arrow || (step.seat === 'client') !== (arrow.from === 'Client')) return false;
  if (arrow.kind === 'disconnect') return step.timer === 'rejectionTimeout';
  const name = arrow.messageName === 'RequestAgentLogin' ? 'OtherMessage' : arrow.messageName;
  return step.kind === 'sends' && step.event === name && step.valid === arrow.valid;
}

describe('the model', () => {
  it.each(figures)('has figure $id', (figure) => {
    const way = playedIn(figure);
    expect(way?.filter(({ kind }) => kind === 'sends').map(({ event }) => event)).toEqual(
      arrowsOf(figure).flatMap(({ kind, messageName }) => {
        if (kind !== 'message') return [];
        return messageName === 'RequestAgentLogin' ? 'OtherMessage' : messageName;
      }),
    );
    expect(way?.some(({ timer }) => timer === 'rejectionTimeout')).toBe(figure.id !== '1');
  });

  it('has every state of both charts, and every timer that runs out', () => {
    const seen = {
      server: new Set<string>(),
      client: new Set<string>(),
      timers: new Set<string>(),
    };
    for (let number = 0; number < search.states; number += 1) {
      const world = search.state(number);
      seen.server.add(model.server.names[world.server] ?? '');
      seen.client.add(model.client.names[world.client] ?? '');
      model.each(world, ({ timer }) => timer && seen.timers.add(timer));
    }
    expect([...seen.server].sort()).toEqual([...model.server.names].sort());
    expect([...seen.client].sort()).toEqual([...model.client.names].sort());
    expect([...seen.timers].sort()).toEqual([
      'registrationTimeout',
      'rejectionTimeout',
      'replyTimeout',
    ]);
  });

  it('can do whatever real actors of the chart do, step by step', () => {
    const visited = new Set<number>();
    const walk = fc.array(fc.noBias(fc.nat()), { minLength: 60, maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(walk, (choices) => {
        const seats = new RealSeats(2);
        let before = seats.world({ server: model.server.names, client: model.client.names });
        expect(before).toEqual(model.initial);
        for (const choice of choices) {
          const all = seats.moves();
          if (all.length === 0) return;
          const others = all.filter(({ ends }) => !ends);
          const moves = choice % 20 === 0 || others.length === 0 ? all : others;
          moves[choice % moves.length]?.run();
          const after = seats.world({ server: model.server.names, client: model.client.names });
          const code = model.encoding.encode(after);
          const nexts = new Set<number>();
          model.each(before, (_, next) => nexts.add(model.encoding.encode(next)));
          if (!nexts.has(code)) {
            expect(after, 'a step that the model does not have').toEqual(before);
          }
          expect(search.has(after)).toBe(true);
          visited.add(code);
          before = after;
        }
      }),
      { numRuns: 120, seed: 4 },
    );
    // A walk that never got anywhere would show nothing.
    expect(visited.size).toBeGreaterThan(1_000);
  });
});
