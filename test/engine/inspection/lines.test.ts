import { describe, expect, it } from 'vitest';
import { createActor, createMachine, sendTo, setup } from 'xstate';
import {
  actorMessage,
  eventMessage,
  snapshotMessage,
  transitionsIn,
} from '../../../adapters/inspector/client/actor-messages.js';
import { InspectedApp } from '../../../machines/engine/inspection/app.js';
import { heldLimits } from '../../../machines/engine/inspection/limits.js';
import {
  connectionLine,
  linesOf,
  messageLine,
  ToldApps,
} from '../../../machines/engine/inspection/lines.js';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { NEXT: 'red' } }, red: { on: { NEXT: 'green' } } },
});
const crossing = setup({ actors: { light } }).createMachine({
  id: 'crossing',
  invoke: { src: 'light', id: 'light' },
  on: { CHANGE: { actions: sendTo('light', { type: 'NEXT' }) } },
});

/** An app with two actors, after some changes. */
function anApp(changes: number, limits = heldLimits): InspectedApp {
  const app = new InspectedApp('app-1', { name: null, key: null, at: 1 }, limits);
  let at = 1;
  const taken = new Map<unknown, ReturnType<typeof transitionsIn>>();
  const actor = createActor(crossing, {
    inspect(event) {
      at += 1;
      const ref = event.actorRef as typeof actor;
      if (event.type === '@xstate.actor') app.take(actorMessage(ref, false), at);
      else if (event.type === '@xstate.event')
        app.take(eventMessage(ref.sessionId, event.sourceRef?.sessionId ?? null, event.event), at);
      else if (event.type === '@xstate.microstep') taken.set(ref, transitionsIn(event));
      else if (event.type === '@xstate.snapshot')
        app.take(
          snapshotMessage(ref.sessionId, event.event, event.snapshot, taken.get(ref) ?? []),
          at,
        );
    },
  }).start();
  for (let change = 0; change < changes; change += 1) actor.send({ type: 'CHANGE' });
  return app;
}

/** What is held of an app, without the times of messages: `linesOf` tells definitions at the start. */
function held(app: InspectedApp | undefined) {
  return {
    name: app?.name,
    endedAt: app?.endedAt,
    entries: app?.ladder.entries(),
    actors: app
      ?.actors()
      .map(({ session, name, parent, status, state, definition }) => [
        ...[session, name, parent, status, state, definition?.id],
      ]),
  };
}

function told(lines: Iterable<string>): ToldApps {
  const apps = new ToldApps();
  for (const line of lines) expect(apps.take(line), line).toBe(true);
  return apps;
}

describe('the lines of an app', () => {
  it('tell all that is held of it', () => {
    const app = anApp(3);
    app.missing(12, 50);
    app.endedAt = 60;
    expect(held(told(linesOf(app)).app('app-1'))).toEqual(held(app));
    const [first, second] = app.actors().map(({ session }) => session);
    const events = app.ladder.entries().filter((entry) => entry.kind === 'event');
    expect(events.filter(({ type }) => type === 'NEXT')).toMatchObject(
      Array.from({ length: 3 }, () => ({ source: first, target: second })),
    );
    expect(app.actors()[1]?.state).toBe('red');
  });

  it('keep the numbers of events when older ones were forgotten, and the states of actors', () => {
    const app = anApp(20, { ...heldLimits, events: 5 });
    const other = told(linesOf(app)).app('app-1');
    expect(other?.ladder.forgotten).toBe(app.ladder.forgotten);
    expect(held(other)).toEqual(held(app));
  });

  it('tell the states of actors without a held event', () => {
    const app = anApp(3);
    app.ladder.trim(0, 0);
    const [crossingActor, lightActor] = told(linesOf(app)).app('app-1')?.actors() ?? [];
    expect([crossingActor?.status, lightActor?.state]).toEqual(['active', 'red']);
  });

  it('tell that it has connected again', () => {
    const app = anApp(1);
    app.endedAt = 70;
    app.connectedAgain(80);
    const other = told(linesOf(app)).app('app-1');
    expect([other?.endedAt, other?.ladder.entries().at(-1)]).toEqual([
      null,
      { kind: 'gap', number: app.ladder.length, at: 80, missing: null },
    ]);
  });
});

describe('apps as lines tell them', () => {
  it('have the name of their address, else that of their first actor', () => {
    const apps = told([
      connectionLine('app-1', 1, true, 'checkout'),
      connectionLine('app-2', 1, true, 'app-2'),
      messageLine('app-2', 2, '{"type":"@xstate.actor","sessionId":"x:0","name":"light"}'),
    ]);
    expect(apps.apps().map(({ name }) => name)).toEqual(['checkout', 'light']);
  });

  it('ignore invalid lines', () => {
    const apps = told([connectionLine('app-1', 1, true, 'one')]);
    for (const line of ['', '{', '[]', '7', '{"app":"app-1"}', '{"at":1}', '{"app":1,"at":1}'])
      expect(apps.take(line), line).toBe(false);
    expect(apps.take(messageLine('app-1', 2, '{"type":"nonsense"}'))).toBe(false);
    expect(apps.take('{"app":"app-1","at":2,"message":{"type":"@xstate.event",}')).toBe(false);
    expect(apps.app('app-1')?.counts.broken).toBe(2);
  });

  it('all have a gap that is of no app', () => {
    const apps = told([
      connectionLine('app-1', 1, true, 'one'),
      connectionLine('app-2', 1, true, 'two'),
      '{"at":5,"gap":7}',
    ]);
    expect(apps.apps().map(({ counts }) => counts.missing)).toEqual([7, 7]);
  });

  it('are the same from a file whose lines have spaces', () => {
    const line = [...linesOf(anApp(0))][1];
    const spaced = JSON.stringify(JSON.parse(line ?? ''), null, 1).replaceAll('\n', ' ');
    expect(told([spaced]).apps()[0]?.actors()).toHaveLength(1);
  });
});
