import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/index.js';
import { feedVersion, type SessionSummary } from '../../machines/index.js';
import { registerRequest } from '../support/line-client.js';
import { closeWatchedGatesAfterEach, passThrough, retold, watchedGate } from './watched-gate.js';

closeWatchedGatesAfterEach();

const states = (list: Map<string, SessionSummary>) => [...list.values()].map(({ state }) => state);

describe('the list', () => {
  test('begins with who the gate is', async () => {
    const { viewer, server } = await watchedGate();
    const { messages } = await viewer();
    expect(messages).toEqual([
      {
        type: 'hello',
        version: feedVersion,
        gate: 'ixgate test',
        run: expect.any(String),
        stopping: false,
        at: expect.any(Number),
        delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
        endpoints: server.endpoints.map(formatEndpoint),
      },
    ]);
  });

  test('is sent on request, and is complete even when it is empty', async () => {
    const { viewer } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list' });
    expect(await one.first('sessions')).toEqual({
      type: 'sessions',
      sessions: [],
      removed: [],
      complete: true,
      totals: { accepted: 0, byVerdict: {}, byState: {} },
    });
  });

  test('follows a session from the connect to the end', async () => {
    const { client, viewer } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list' });
    await one.first('sessions');
    await using desk = await client();
    await one.until(() => states(one.list).includes('awaiting/registration'));
    await desk.ask(registerRequest());
    await one.until(() => states(one.list).includes('registered'));
    expect([...one.list.values()]).toMatchObject([
      { clientName: 'desk-1', verdict: 'registered', figure: '1', seat: 'server' },
    ]);
    desk.socket.end();
    await one.until(() => states(one.list).includes('disconnected'));
    expect([...one.list.values()]).toMatchObject([{ reason: 'peer-closed', steps: 4 }]);
    expect(one.totals).toEqual({
      accepted: 1,
      byVerdict: { registered: 1 },
      byState: { disconnected: 1 },
    });
  });

  test('tells every viewer the same, whenever it came', async () => {
    const { server, client, viewer } = await watchedGate();
    const first = await viewer();
    first.say({ type: 'list' });
    await passThrough(server, 20);
    const second = await viewer();
    second.say({ type: 'list' });
    await using desk = await client();
    await desk.ask({ messageName: 'RequestAgentLogin' });
    const told = (list: Map<string, SessionSummary>) =>
      list.size === 21 && [...list.values()].some(({ verdict }) => verdict === 'spoke-first');
    await Promise.all([first, second].map((one) => one.until(() => told(one.list))));
    const byId = (list: Map<string, SessionSummary>) => new Map([...list.entries()].sort());
    expect(byId(first.list)).toEqual(byId(second.list));
    expect(first.totals).toEqual(second.totals);
  });

  test('of five thousand sessions comes in pages of five hundred, the last of them marked', async () => {
    const { server, viewer } = await watchedGate();
    await retold(server, 5_000);
    const one = await viewer();
    one.say({ type: 'list' });
    await one.until(() => one.all('sessions').at(-1)?.complete === true);
    const pages = one.all('sessions');
    expect(pages.map(({ sessions }) => sessions.length)).toEqual(Array(10).fill(500));
    expect(pages.map(({ complete }) => complete)).toEqual([...Array(9).fill(false), true]);
    expect(one.list.size).toBe(5_000);
    expect(one.totals?.byVerdict).toEqual({ registered: 5_000 });
  });

  test('has what happened while its pages were on their way, though nothing follows', async () => {
    const { server, viewer } = await watchedGate();
    await retold(server, 20_000);
    const one = await viewer();
    one.say({ type: 'list' });
    await one.first('sessions');
    await passThrough(server, 1, 'late');
    const late = () => [...one.list.values()].find(({ clientName }) => clientName === 'late-1');
    await one.until(() => one.all('sessions').at(-1)?.complete === true && late() !== undefined);
    await one.until(() => late()?.state === 'disconnected');
    expect(one.list.size).toBe(20_001);
  });

  test('is sent at most ten times per second, whatever the load', async () => {
    const { server, viewer } = await watchedGate();
    const one = await viewer();
    one.say({ type: 'list' });
    await one.first('sessions');
    const before = one.all('sessions').length;
    const begin = performance.now();
    while (performance.now() - begin < 1_200) await passThrough(server, 20);
    await one.until(() => one.totals?.byState.disconnected === one.totals?.accepted);
    const seconds = (performance.now() - begin) / 1_000;
    const pages = one.all('sessions').slice(before);
    // On a fast machine one update has several pages: all but the last are full.
    const updates = pages.filter(({ sessions }) => sessions.length < 500).length;
    expect(one.totals?.accepted).toBeGreaterThan(100);
    expect(updates).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
    expect(updates).toBeGreaterThan(4);
  });

  test('drops the sessions that are forgotten, those that ended first; the totals stay right', async () => {
    const { server, client, viewer, feed } = await watchedGate({ limits: { sessions: 10 } });
    await using desk = await client();
    await desk.ask(registerRequest({ clientName: 'stays' }));
    await passThrough(server, 5, 'before');
    const one = await viewer();
    one.say({ type: 'list' });
    await one.first('sessions');
    await passThrough(server, 40, 'after');
    await one.until(() => one.totals?.accepted === 46 && one.totals.byState.disconnected === 45);
    const names = [...one.list.values()].map(({ clientName }) => clientName);
    expect(names.sort()).toEqual(
      ['stays', ...[32, 33, 34, 35, 36, 37, 38, 39, 40].map((number) => `after-${number}`)].sort(),
    );
    expect(feed.load.sessions).toBe(10);
    expect(one.totals?.byVerdict).toEqual({ registered: 46 });
  });
});

test('markup in a client name is sent unchanged, as data', async () => {
  const { client, viewer } = await watchedGate();
  const one = await viewer();
  one.say({ type: 'list' });
  await using desk = await client();
  await desk.ask(registerRequest({ clientName: '</script><b>&"', extension: { pin: 'secret-1' } }));
  await one.until(() => [...one.list.values()].some(({ clientName }) => clientName !== null));
  expect([...one.list.values()][0]?.clientName).toBe('</script><b>&"');
  expect(JSON.stringify(one.messages)).not.toContain('secret-1');
});
