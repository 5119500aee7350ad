import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { valueText } from '../../viz/src/chart/state-value.js';
import { receiverAddress } from '../../viz/src/foreign/address.js';
import { type ForeignView, openXStateInspector } from '../../viz/src/foreign/inspector.js';
import { mostEvents } from '../../viz/src/foreign/services.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';
import { closeInspectorsAfterEach, inspected } from './viewers.js';
import { ShownService } from './xstate-four.js';

closeInspectorsAfterEach();
closeGatesAfterEach();

const native = globalThis.WebSocket;
beforeAll(() => {
  // A machine that was sent as JSON lacks settings that xstate 4 advises; xstate 4 warns about that.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  // Node 20 has no WebSocket, and the tested code runs in a browser.
  globalThis.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket;
});
afterAll(() => {
  globalThis.WebSocket = native;
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function shown(port?: number): Promise<ShownService> {
  const service = await ShownService.start(port);
  closers.push(() => service.end());
  return service;
}

/** Opens an inspector; the function waits for a view that fits. */
function open(url: string): (fits: (view: ForeignView) => boolean) => Promise<ForeignView> {
  let latest: ForeignView | null = null;
  let wake = () => {};
  closers.push(
    openXStateInspector(url, (view) => {
      latest = view;
      wake();
    }),
  );
  return async (fits) => {
    while (latest === null || !fits(latest)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return latest;
  };
}

const only = (view: ForeignView) => view.services[0];

describe('A running service of xstate 4', () => {
  it('is shown with its machine, its state and each event', async () => {
    const service = await shown();
    const view = open(service.url);
    const before = only(await view(({ services }) => services.length === 1));
    expect(before).toMatchObject({
      sessionId: service.sessionId,
      name: `door ${service.sessionId}`,
      value: 'closed',
    });
    expect(before?.context).toEqual({ times: 0 });
    service.send({ type: 'OPEN', by: 'hand' });
    service.send({ type: 'SWITCH' });
    const after = only(
      await view(
        ({ services }) => services[0]?.events[1]?.value !== null && services[0]?.count === 2,
      ),
    );
    expect(after?.value).toEqual({ open: { light: 'on', alarm: 'quiet' } });
    expect([...(after?.active ?? [])].sort()).toEqual([
      'door',
      'door.open',
      'door.open.alarm',
      'door.open.alarm.quiet',
      'door.open.light',
      'door.open.light.on',
    ]);
    expect(after?.events.map(({ name, data, value }) => [name, data, valueText(value)])).toEqual([
      ['OPEN', { type: 'OPEN', by: 'hand' }, 'open.(light.off + alarm.quiet)'],
      ['SWITCH', { type: 'SWITCH' }, 'open.(light.on + alarm.quiet)'],
    ]);
    expect(after?.events.map(({ edges }) => edges)).toEqual([
      [expect.stringMatching(/^door\.closed:/)],
      [expect.stringMatching(/^door\.open\.light\.off:/)],
    ]);
  });

  it('is drawn from the machine it sends: states, transitions, conditions, timers', async () => {
    const service = await shown();
    const view = open(service.url);
    const { tree } = only(await view(({ services }) => services.length === 1))?.machine ?? {};
    expect(tree?.root).toMatchObject({
      id: 'door',
      type: 'compound',
      initial: 'door.closed',
      children: [
        { key: 'closed', type: 'atomic' },
        { key: 'open', type: 'parallel', description: 'The door is open.' },
        { key: 'locked', type: 'final' },
      ],
    });
    const edges = tree?.edges.map(({ source, label, target, kind }) => [
      source,
      label,
      target,
      kind,
    ]);
    expect(edges).toEqual([
      ['door.closed', 'OPEN', 'door.open', 'event'],
      ['door.closed', 'LOCK [hasKey]', 'door.locked', 'event'],
      ['door.open', 'CLOSE', 'door.closed', 'event'],
      ['door.open.light.off', 'SWITCH', 'door.open.light.on', 'event'],
      ['door.open.alarm.quiet', '60000 ms', 'door.open.alarm.loud', 'timer'],
    ]);
  });

  it('is shown as stopped, with its earlier events', async () => {
    const service = await shown();
    const view = open(service.url);
    await view(({ services }) => services.length === 1);
    service.send({ type: 'LOCK' });
    const stopped = only(await view(({ services }) => services[0]?.stopped === true));
    expect(stopped).toMatchObject({ value: 'locked', count: 1 });
  });

  it('that talks much is held in bounds', async () => {
    const service = await shown();
    const view = open(service.url);
    await view(({ services }) => services.length === 1);
    for (let turn = 0; turn < mostEvents; turn += 1) {
      service.send({ type: 'OPEN' });
      service.send({ type: 'CLOSE' });
    }
    const all = only(await view(({ services }) => services[0]?.count === 2 * mostEvents));
    expect(all?.events).toHaveLength(mostEvents);
    expect(all?.events.at(-1)?.index).toBe(2 * mostEvents);
  });

  it('that goes away and comes back is found again', async () => {
    const first = await shown();
    const view = open(first.url);
    await view(({ services }) => services.length === 1);
    await first.end();
    const lost = await view(({ status }) => status === 'lost');
    expect(lost.problem).toMatch(/^the connection to ws:\/\/127\.0\.0\.1:\d+ was lost/);
    await shown(first.port);
    const again = await view(({ status, services }) => status === 'open' && services.length === 1);
    expect(again.problem).toBeNull();
  });

  it('is disconnected when the inspector is closed', async () => {
    const service = await shown();
    const close = openXStateInspector(service.url, () => {});
    await service.viewers(1);
    close();
    await service.viewers(0);
  });
});

describe('A gate', () => {
  it('is a service of xstate 4 too, by its /xstate', async () => {
    const { server, client } = await openGate();
    const { port } = await inspected(server);
    const view = open(`http://127.0.0.1:${port}/xstate`);
    await view(({ status }) => status === 'open');
    await using desk = await client();
    // Whether it sees the connect depends on when the gate hears that it wants to see.
    await view(({ services }) => services.length === 1);
    await desk.ask(registerRequest());
    const session = only(
      await view(({ services }) => services[0]?.events.at(-1)?.name === 'EventAck'),
    );
    expect(valueText(session?.value)).toBe('connected.registered');
    const names = session?.events.map(({ name }) => name).filter((name) => name !== 'Connected');
    expect(names).toEqual(['RequestRegisterClient', 'EventAck']);
    // Events that change nothing and do not belong to the protocol are not drawn.
    const edges = session?.machine.tree.edges.map(
      ({ source, label }) => `${source.split('.').at(-1)} ${label}`,
    );
    expect(edges).toContain('awaiting RequestRegisterClient');
    expect(edges).not.toContain('awaiting EventAck');
    expect(edges).toContain('rejection rejectionTimeout');
  });
});

describe('An address', () => {
  it.each([
    ['ws://localhost:8888', { protocol: 'ws', server: 'localhost:8888' }],
    ['localhost:8888', { protocol: 'ws', server: 'localhost:8888' }],
    [' wss://host/xstate?session=a ', { protocol: 'wss', server: 'host/xstate?session=a' }],
    ['http://127.0.0.1:7080/xstate', { protocol: 'ws', server: '127.0.0.1:7080/xstate' }],
    ['https://host', { protocol: 'wss', server: 'host' }],
    ['[::1]:8888', { protocol: 'ws', server: '[::1]:8888' }],
    ['', null],
    ['ftp://host', null],
    ['ws://user:word@host', null],
    ['not an address', null],
    ['javascript:alert(1)', null],
  ])('%j is read as %j', (text, address) => {
    expect(receiverAddress(text)).toEqual(address);
  });

  it('that is invalid is reported', async () => {
    const view = open('ftp://host');
    const { problem } = await view(({ status }) => status === 'unusable');
    expect(problem).toBe('invalid address "ftp://host": expected e.g. ws://localhost:8888');
  });
});
