/** The model of the inspector's page, without a browser. */
import { describe, expect, it } from 'vitest';
import { assign, createActor, sendTo, setup } from 'xstate';
import {
  actorMessage,
  eventMessage,
  snapshotMessage,
  transitionsIn,
} from '../../adapters/inspector/client/actor-messages.js';
import { InspectedApp } from '../../machines/engine/inspection/app.js';
import { heldLimits } from '../../machines/engine/inspection/limits.js';
import { connectionLine, linesOf } from '../../machines/engine/inspection/lines.js';
import { phantomsOf } from '../../machines/engine/inspection/phantoms.js';
import { hashOf, socketUrl, viewIn } from '../../viz/src/inspector/addresses.js';
import { actorRows } from '../../viz/src/inspector/model/actor-rows.js';
import { contextAt } from '../../viz/src/inspector/model/context.js';
import { diffOf } from '../../viz/src/inspector/model/diff.js';
import { placeOf, usualSessions } from '../../viz/src/inspector/model/lanes.js';
import { LineReader } from '../../viz/src/inspector/model/line-reader.js';
import { momentOf, previousEvents } from '../../viz/src/inspector/model/moment.js';
import { EventSearch, nextMatch } from '../../viz/src/inspector/model/search.js';
import { timersOf } from '../../viz/src/inspector/model/timers.js';
import { totalsOf, usageOf } from '../../viz/src/inspector/model/usage.js';
import { isLoopbackOrigin } from '../../viz/src/inspector/other-window.js';

const child = setup({ delays: { grace: 60_000 } }).createMachine({
  id: 'door',
  initial: 'closed',
  states: {
    closed: { on: { OPEN: 'open' } },
    open: { on: { CLOSE: 'closed' }, after: { 5000: 'closed', grace: 'closed' } },
  },
});
const house = setup({ actors: { child } }).createMachine({
  id: 'house',
  context: { rings: 0 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        RING: {
          actions: [
            assign({ rings: ({ context }) => context.rings + 1 }),
            sendTo('front', { type: 'OPEN' }),
          ],
        },
        BUILD: 'built',
      },
    },
    built: {},
  },
  invoke: { id: 'front', src: 'child' },
});

/** An app whose clock goes on by 100 ms with each message; it also creates an actor that never starts. */
function anApp(limits = heldLimits) {
  const app = new InspectedApp('app-1', { name: 'demo', key: null, at: 1_000 }, limits);
  let at = 1_000;
  const taken = new Map<unknown, ReturnType<typeof transitionsIn>>();
  const inspect: NonNullable<Parameters<typeof createActor>[1]>['inspect'] = (event) => {
    if (typeof event !== 'object' || !('actorRef' in event)) return;
    at += 100;
    const ref = event.actorRef as Parameters<typeof actorMessage>[0];
    if (event.type === '@xstate.actor') app.take(actorMessage(ref, false), at);
    else if (event.type === '@xstate.event') {
      app.take(eventMessage(ref.sessionId, event.sourceRef?.sessionId ?? null, event.event), at);
    } else if (event.type === '@xstate.microstep') taken.set(ref, transitionsIn(event));
    else if (event.type === '@xstate.snapshot') {
      const transitions = taken.get(ref) ?? [];
      taken.delete(ref);
      app.take(snapshotMessage(ref.sessionId, event.event, event.snapshot, transitions), at);
    }
  };
  createActor(house, { inspect });
  const actor = createActor(house, { inspect }).start();
  return { app, actor };
}

function named(app: InspectedApp, name: string) {
  return app.actors().findLast((actor) => actor.name === name);
}

function momentAt(app: InspectedApp, cursor: number | null) {
  return momentOf(app, app.ladder.entries(), cursor);
}

describe('an app at a cursor', () => {
  const { app, actor } = anApp();
  actor.send({ type: 'RING' });
  actor.send({ type: 'BUILD' });
  const entries = app.ladder.entries();
  const types = entries.map((entry) => (entry.kind === 'event' ? entry.type : 'gap'));
  const number = (type: string) => types.indexOf(type) + 1;
  const of = (cursor: number | null, name: string) =>
    momentAt(app, cursor).actors.find(({ actor: one }) => one === named(app, name));

  it('has the state, status and context after the last event at or before it', () => {
    expect(types).toEqual(['xstate.init', 'xstate.init', 'RING', 'OPEN', 'BUILD']);
    expect(of(number('RING'), 'front')).toMatchObject({ state: 'closed', status: 'active' });
    expect(of(number('OPEN'), 'front')).toMatchObject({ state: 'open', events: 2 });
    expect(of(number('OPEN'), 'house')).toMatchObject({ state: 'idle' });
    expect(of(null, 'house')).toMatchObject({ state: 'built', status: 'active' });
    const at = of(1, 'house');
    expect(at && contextAt(at, 1)).toEqual({ isHeld: true, value: { rings: 0 } });
    const later = of(number('RING'), 'house');
    expect(later && contextAt(later, number('RING'))).toMatchObject({ value: { rings: 1 } });
    actor.stop();
    expect(of(null, 'house')).toMatchObject({ status: 'stopped' });
    expect(of(number('BUILD'), 'house')).toMatchObject({ status: 'active' });
  });

  it('does not have actors that start later, nor states that were dropped', () => {
    expect(of(1, 'front')).toMatchObject({ hasStarted: false, state: null });
    const short = anApp({ ...heldLimits, events: 2 });
    short.actor.send({ type: 'RING' });
    short.actor.send({ type: 'BUILD' });
    const [oldest] = short.app.ladder.entries();
    const moment = momentAt(short.app, oldest?.number ?? 0);
    const one = moment.actors.find(({ actor: some }) => some === named(short.app, 'house'));
    expect(one).toMatchObject({ hasStarted: true, state: null, status: null });
    expect(one && contextAt(one, oldest?.number ?? 0)).toMatchObject({ isHeld: false });
  });

  it('knows the event before each event of the same actor', () => {
    const previous = previousEvents(entries);
    expect(previous.map((event) => event?.number ?? null)).toEqual([null, null, 1, 2, 3]);
  });
});

describe('actors that were never used', () => {
  it('are those that StrictMode creates, with their children; they are one row of the tree', () => {
    const { app, actor } = anApp();
    actor.send({ type: 'RING' });
    const phantoms = phantomsOf(app);
    expect([...phantoms].map(({ name }) => name)).toEqual(['house', 'front']);
    const { actors } = momentAt(app, null);
    const words = (opened: ReadonlySet<string>) =>
      actorRows(actors, phantoms, opened).map((row) =>
        row.kind === 'actor'
          ? `${row.depth} ${row.moment.actor.name}`
          : `${row.depth} +${row.count}`,
      );
    expect(words(new Set())).toEqual(['0 house', '1 front', '0 +1']);
    expect(words(new Set(['unused ']))).toHaveLength(5);
    actor.stop();
  });

  it('are not claimed when events were forgotten before the page was open', () => {
    const { app, actor } = anApp({ ...heldLimits, events: 2 });
    for (let count = 0; count < 5; count += 1) actor.send({ type: 'RING' });
    const reader = new LineReader();
    for (const line of linesOf(app)) reader.add(line);
    expect(reader.read(Number.POSITIVE_INFINITY)).toBe(true);
    const told = reader.apps.app('app-1');
    expect(told?.ladder.forgotten).toBe(app.ladder.forgotten);
    expect(told && phantomsOf(told).size).toBe(0);
    actor.stop();
  });

  it('survive parents in a circle, which only a broken app tells', () => {
    const app = new InspectedApp('app-1', { name: null, key: null, at: 1 }, heldLimits);
    for (const [sessionId, parentId] of [
      ['a', 'b'],
      ['b', 'a'],
      ['c', 'c'],
    ]) {
      app.take(JSON.stringify({ type: '@xstate.actor', sessionId, parentId }), 1);
    }
    const rows = actorRows(momentAt(app, null).actors, phantomsOf(app), new Set());
    expect(rows).toHaveLength(3);
  });
});

describe('actors that have ended', () => {
  /** A parent with children of which the last still runs, and the others have ended. */
  function aParent(ended: number): InspectedApp {
    const app = new InspectedApp('app-1', { name: null, key: null, at: 1 }, heldLimits);
    const tell = (message: object) => app.take(JSON.stringify(message), 1);
    tell({ type: '@xstate.actor', sessionId: 'p', snapshot: { status: 'active' } });
    for (let child = 0; child <= ended; child += 1) {
      const status = child === ended ? 'active' : child === 1 ? 'error' : 'done';
      const snapshot = { status };
      tell({ type: '@xstate.actor', sessionId: `c${child}`, parentId: 'p', snapshot });
      tell({ type: '@xstate.actor', sessionId: `i${child}`, parentId: `c${child}`, snapshot });
    }
    return app;
  }
  const words = (app: InspectedApp, opened: readonly string[], selected: string | null) =>
    actorRows(momentAt(app, null).actors, new Set(), new Set(opened), selected).map((row) =>
      row.kind === 'actor' ? row.moment.actor.session : `${row.kind} ${row.count}`,
    );

  it('are one row when there are more than three of one parent, except those with an error', () => {
    expect(words(aParent(3), [], null)).toHaveLength(9);
    const many = aParent(6);
    expect(words(many, [], null)).toEqual(['p', 'c1', 'i1', 'c6', 'i6', 'ended 5']);
    expect(words(many, ['ended p'], null)).toHaveLength(16);
  });

  it('keep the row of the selected one', () => {
    const rows = ['p', 'c1', 'i1', 'c3', 'i3', 'c6', 'i6', 'ended 4'];
    expect(words(aParent(6), [], 'c3')).toEqual(rows);
  });
});

describe('changes of a context', () => {
  it('are paths that were added, removed and changed', () => {
    const before = { a: 1, list: [1, { b: 2 }], 'odd key': null, gone: true };
    const after = { a: 2, list: [1, { b: 3 }, 'new'], 'odd key': {}, same: undefined };
    expect(diffOf(before, after).rows.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'changed a',
      'changed list[1].b',
      'added list[2]',
      'changed ["odd key"]',
      'removed gone',
    ]);
    expect(diffOf({ a: [1] }, { a: [1] })).toEqual({ rows: [], isCut: false });
    expect(diffOf(1, 'x').rows).toMatchObject([{ path: '', before: '1', after: '"x"' }]);
  });

  it('are bounded: 200 rows, 200 characters of a value, any depth', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`k${index}`, index]),
    );
    const diff = diffOf({}, many);
    expect(diff.rows).toHaveLength(200);
    expect(diff.isCut).toBe(true);
    const [row] = diffOf({ long: '' }, { long: 'x'.repeat(1_000) }).rows;
    expect(row?.after).toMatch(/… \(1002 characters\)$/);
    let deep: unknown = 1;
    let other: unknown = 2;
    for (let level = 0; level < 500; level += 1) [deep, other] = [{ x: deep }, { x: other }];
    expect(diffOf(deep, other).rows).toHaveLength(1);
  });
});

describe('the use of a machine', () => {
  it('counts transitions and states up to the cursor, of one actor or all, and their totals', () => {
    const { app, actor } = anApp();
    actor.send({ type: 'RING' });
    actor.send({ type: 'RING' });
    actor.send({ type: 'BUILD' });
    const definition = named(app, 'house')?.definition;
    const tree = definition?.tree();
    if (!definition || !tree) throw new Error('no chart');
    const at = (session: string | null, cursor: number | null) =>
      usageOf(app, app.ladder.entries(), { definition, tree, session }, cursor);
    expect(at(null, null).transitions).toEqual(
      new Map([
        ['idle:RING', 2],
        ['idle:BUILD', 1],
      ]),
    );
    expect(totalsOf(definition, at(null, null))).toEqual({
      transitions: { used: 2, all: 2 },
      states: { used: 2, all: 2 },
    });
    expect(totalsOf(definition, at(null, 3)).states).toEqual({ used: 1, all: 2 });
    expect([...at('another', null).transitions.values()]).toEqual([0, 0]);
    expect(at(null, null).hasGuesses).toBe(false);
    actor.stop();
  });
});

describe('running timers', () => {
  it('begin when their state became active, not with later events', () => {
    const { app, actor } = anApp();
    actor.send({ type: 'RING' });
    const opened = app.ladder
      .entries()
      .find((entry) => entry.kind === 'event' && entry.type === 'OPEN');
    actor.send({ type: 'RING' });
    const entries = app.ladder.entries();
    const front = momentAt(app, null).actors.find(({ actor: one }) => one === named(app, 'front'));
    const tree = front?.actor.definition?.tree() ?? null;
    expect(front && timersOf(front, tree, entries)).toEqual([
      { state: 'door.open', name: '5000', total: 5_000, since: opened?.at },
      { state: 'door.open', name: 'grace', total: null, since: opened?.at },
    ]);
    const house = momentAt(app, null).actors.find(({ actor: one }) => one.name === 'house');
    expect(house && timersOf(house, null, entries)).toEqual([]);
    actor.stop();
  });
});

describe('a search', () => {
  it('finds types, data, names and states, in slices, and new events', () => {
    const { app, actor } = anApp();
    actor.send({ type: 'RING', who: 'Grace (ops)' } as never);
    const found = (text: string) => {
      const search = new EventSearch(app, text);
      while (!search.search(app.ladder.entries(), 0));
      return search.matches();
    };
    expect(found('ring')).toEqual([3]);
    expect(found('grace (OPS)')).toEqual([3]);
    expect(found('front')).toEqual([2, 4]);
    expect(found('@xstate.event')).toEqual([]);
    const search = new EventSearch(app, 'built');
    expect(search.search(app.ladder.entries(), Number.POSITIVE_INFINITY)).toBe(true);
    expect(search.matches()).toEqual([]);
    actor.send({ type: 'BUILD' });
    search.search(app.ladder.entries(), Number.POSITIVE_INFINITY);
    expect(search.matches()).toEqual([5]);
    actor.stop();
  });

  it('goes to the next and the previous match, and around', () => {
    expect(nextMatch([3, 7], null, 1)).toBe(3);
    expect(nextMatch([3, 7], 3, 1)).toBe(7);
    expect(nextMatch([3, 7], 7, 1)).toBe(3);
    expect(nextMatch([3, 7], 3, -1)).toBe(7);
    expect(nextMatch([3, 7], null, -1)).toBe(7);
    expect(nextMatch([], 3, 1)).toBeNull();
  });
});

describe('the lines of the ladder', () => {
  it('are the most active actors, and change only for an actor with twice as many events', () => {
    const events = new Map(Array.from({ length: 15 }, (_, index) => [`s${index}`, 10 + index]));
    const first = usualSessions(events, []);
    expect(first).toHaveLength(12);
    expect(first[0]).toBe('s3');
    expect(usualSessions(new Map(events).set('s0', 25), first)).toBe(first);
    expect(usualSessions(new Map(events).set('s0', 27), first)).toContain('s0');
    expect(usualSessions(events, first, 3)).toHaveLength(3);
    const lanes = { sessions: ['a', 'b'], hasOthers: true };
    expect([null, 'a', 'b', 'x'].map((session) => placeOf(lanes, session))).toEqual([0, 1, 2, 3]);
  });
});

describe('addresses', () => {
  it('of the sockets are beside the page, with its token', () => {
    const at = (href: string) => ({ href, search: new URL(href).search });
    expect(socketUrl(at('http://127.0.0.1:7080/'), 'inspector/feed')).toBe(
      'ws://127.0.0.1:7080/inspector/feed',
    );
    expect(socketUrl(at('https://x.example/a/inspector?token=a%26b&x=1#y'), 'stately')).toBe(
      'wss://x.example/a/stately?token=a%26b',
    );
  });

  it('keep app, actor and event', () => {
    const view = { app: 'app-1', actor: 'x:1&2', cursor: 7 };
    expect(viewIn(hashOf(view))).toEqual(view);
    expect(hashOf({ app: null, actor: null, cursor: null })).toBe('');
    expect(viewIn('#event=-1&app=a').cursor).toBeNull();
  });

  it('of other windows must be of this machine', () => {
    const origins = [
      'http://localhost:5173',
      'https://127.0.0.2',
      'http://[::1]:80',
      'http://a.localhost',
    ];
    expect(origins.filter(isLoopbackOrigin)).toEqual(origins);
    const others = [
      'https://example.com',
      'http://127.0.0.1.example.com',
      'http://localhost.example',
      'null',
      'file://',
      'http://10.0.0.1',
    ];
    expect(others.filter(isLoopbackOrigin)).toEqual([]);
  });
});

describe('the reader of lines', () => {
  it('counts the lines that are not about apps, and stops at a time', () => {
    const reader = new LineReader();
    reader.add(`${connectionLine('app-1', 1, true, 'x')}\nnonsense\n\n{"at":1}\n`);
    for (let count = 0; count < 40; count += 1) reader.add(connectionLine(`app-2`, 1, true, 'y'));
    expect(reader.read(0)).toBe(false);
    expect(reader.counts).toEqual({ lines: 15, unread: 2 });
    expect(reader.read(Number.POSITIVE_INFINITY)).toBe(true);
    expect(reader.counts.lines).toBe(43);
    expect(reader.waiting).toBe(0);
    expect(reader.apps.apps().map(({ id }) => id)).toEqual(['app-1', 'app-2']);
  });

  it('lets an ended app make room for a new one', () => {
    const reader = new LineReader({ ...heldLimits, apps: 2 });
    for (const [id, isOn] of [
      ['a', true],
      ['b', true],
      ['a', false],
      ['c', true],
    ] as const) {
      reader.add(connectionLine(id, 1, isOn, id));
    }
    reader.read(Number.POSITIVE_INFINITY);
    expect(reader.apps.apps().map(({ id }) => id)).toEqual(['b', 'c']);
  });
});
