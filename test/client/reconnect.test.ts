import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer } from '../../adapters/server/index.js';
import {
  client,
  codeOf,
  deadPort,
  error,
  granting,
  rejection,
  scripted,
  tidyAfterEach,
} from './scripted-server.js';

tidyAfterEach();

const quick = { initialDelay: 10, maxDelay: 20 };

describe('a client that lost its server', () => {
  it('T35: comes back when the server does, and registers again', async () => {
    const first = await scripted(granting());
    const { client: desk, journal } = client(first.endpoint, { reconnect: quick });
    await desk.registered;
    const waiting = once(desk, 'waiting');
    await first.close();
    await waiting;
    expect(desk.state).toBe('waiting');
    const again = once(desk, 'registered');
    const second = await scripted(granting(), { port: first.port });
    const [registration] = await again;
    expect(desk.state).toBe('online');
    expect(registration.referenceId).toBeGreaterThan(1);
    expect(second.heard).toMatchObject([{ messageName: 'RequestRegisterClient' }]);
    // Its promise is that of the first registration.
    expect((await desk.registered).referenceId).toBe(1);
    expect(journal.slice(0, 5)).toEqual([
      `connecting ${first.port} 1`,
      'registered 1',
      'disconnected peer-closed DISCONNECTED',
      'waiting 1',
      `connecting ${first.port} 1`,
    ]);
  });

  it('works again afterwards: requests go to the new connection and what was pending is not sent again', async () => {
    const server = await scripted(
      granting((line, peer) => {
        if (peer.number === 1) peer.socket.resetAndDestroy();
        else peer.say({ messageName: 'EventAck', referenceId: line.referenceId });
      }),
    );
    const { client: desk } = client(server.endpoint, { reconnect: quick });
    await desk.registered;
    const again = once(desk, 'registered');
    expect(codeOf(await rejection(desk.request({ messageName: 'RequestA' })))).toBe('DISCONNECTED');
    await again;
    await desk.request({ messageName: 'RequestB' });
    expect(server.heard.map(({ messageName }) => messageName)).toEqual([
      'RequestRegisterClient',
      'RequestA',
      'RequestRegisterClient',
      'RequestB',
    ]);
    expect(server.most()).toBe(1);
  });

  it('does not come back before its old connection is gone, although the server is slow to close its side', async () => {
    const server = await scripted(
      granting((_line, peer) => peer.say('nonsense\n')),
      { accept: ({ socket }) => Object.assign(socket, { allowHalfOpen: true }) },
    );
    const { client: desk } = client(server.endpoint, { reconnect: { initialDelay: 0, spread: 0 } });
    await desk.registered;
    const start = performance.now();
    const again = once(desk, 'registered');
    desk.send({ messageName: 'RequestNonsense' });
    await again;
    // The old one lingers for a second, so that the server can read why it was closed.
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  it('T43: reconnects at a random moment: a restart causes no herd, and all clients are back within the maximum delay', async () => {
    const herd = 20;
    const server = await scripted(granting());
    const waits: number[] = [];
    const desks = Array.from({ length: herd }, (_, index) => {
      const { client: desk } = client(server.endpoint, {
        reconnect: { initialDelay: 0, spread: 400 },
        random: () => index / herd,
      });
      desk.on('waiting', (delay) => waits.push(delay));
      return desk;
    });
    await Promise.all(desks.map((desk) => desk.registered));
    const arrivals: number[] = [];
    const again = desks.map((desk) => once(desk, 'registered'));
    const start = performance.now();
    for (const desk of desks) desk.on('registered', () => arrivals.push(performance.now() - start));
    for (const { socket } of server.peers) socket.end();
    await Promise.all(again);
    expect(waits.toSorted((one, other) => one - other)).toEqual(
      waits.map((_, index) => (index / herd) * 400),
    );
    expect(Math.max(...arrivals)).toBeGreaterThan(350);
    expect(arrivals.filter((at) => at < 100).length).toBeLessThan(herd / 2);
  });

  it('does not reconnect when reconnect is false', async () => {
    const server = await scripted(granting());
    const { client: desk } = client(server.endpoint);
    await desk.registered;
    const stopped = once(desk, 'stopped');
    server.peers[0]?.socket.end();
    expect(await stopped).toMatchObject([{ code: 'DISCONNECTED', reason: 'peer-closed' }]);
    expect(desk.state).toBe('stopped');
  });
});

describe('warm standby', () => {
  it('T44: tries the endpoints in their order, and stays with the one that registers', async () => {
    const dead = await deadPort();
    const closing = await scripted((_line, peer) => peer.socket.end());
    const good = await scripted(granting());
    const { client: desk, journal } = client(
      [`tcp://127.0.0.1:${dead}`, closing.endpoint, good.endpoint],
      { reconnect: quick },
    );
    expect((await desk.registered).endpoint).toBe(good.endpoint);
    const again = once(desk, 'registered');
    good.peers[0]?.socket.end();
    expect((await again)[0].endpoint).toBe(good.endpoint);
    expect(journal.filter((line) => line.startsWith('connecting'))).toEqual([
      `connecting ${dead} 1`,
      `connecting ${closing.port} 2`,
      `connecting ${good.port} 3`,
      `connecting ${good.port} 1`,
    ]);
  });

  it('T44: goes round the list', async () => {
    const [one, two] = [await deadPort(), await deadPort()];
    const { client: desk, journal } = client([`tcp://127.0.0.1:${one}`, `tcp://127.0.0.1:${two}`], {
      reconnect: { ...quick, maxAttempts: 5 },
    });
    expect(codeOf(await rejection(desk.registered))).toBe('CONNECT_FAILED');
    expect(journal.filter((line) => line.startsWith('connecting'))).toEqual(
      [one, two, one, two, one].map((port, index) => `connecting ${port} ${index + 1}`),
    );
  });

  it('T44: without reconnect tries each endpoint once', async () => {
    const dead = await deadPort();
    const good = await scripted(granting());
    const { client: desk } = client([`tcp://127.0.0.1:${dead}`, good.endpoint]);
    expect((await desk.registered).endpoint).toBe(good.endpoint);
  });

  it('T44: leaves a server that is silent for the next one', async () => {
    const silent = await scripted(() => {});
    const good = await scripted(granting());
    const { client: desk } = client([silent.endpoint, good.endpoint], {
      replyTimeout: 100,
      reconnect: quick,
    });
    expect((await desk.registered).endpoint).toBe(good.endpoint);
    expect(silent.open()).toBe(0);
  });

  it.each([
    [6, 'server-busy'],
    [7, 'shutting-down'],
    [8, 'validation-failed'],
    [9, 'name-in-use'],
    [10, 'internal-error'],
  ])('T44: goes on after error %i, which says nothing of the client (%s)', async (errorCode) => {
    const busy = await scripted((line, peer) => peer.say(error(line, errorCode, 'later')));
    const good = await scripted(granting());
    const { client: desk, journal } = client([busy.endpoint, good.endpoint], { reconnect: quick });
    expect((await desk.registered).endpoint).toBe(good.endpoint);
    expect(journal.slice(0, 4)).toEqual([
      `connecting ${busy.port} 1`,
      `refused ${errorCode}`,
      'disconnected client-closed REGISTRATION_REFUSED',
      'waiting 2',
    ]);
  });
});

describe('a refused client', () => {
  it('T58: registers again after an outage of the web service that validates it, over a restart of the gate', async () => {
    const outage = { is: false };
    const options = { validator: () => (outage.is ? Promise.reject(new Error('down')) : true) };
    const first = await createServer({ listen: ['tcp://127.0.0.1:0'], ...options });
    const [endpoint] = first.endpoints;
    if (!endpoint) throw new Error('the gate has no endpoint');
    const { client: desk } = client(formatEndpoint(endpoint), { reconnect: quick });
    await desk.registered;
    outage.is = true;
    await first.close();
    const refused = once(desk, 'refused');
    await using _second = await createServer({ listen: [endpoint], ...options });
    expect((await refused)[0]).toMatchObject({ errorName: 'validation-failed' });
    const registered = once(desk, 'registered');
    outage.is = false;
    await registered;
    expect(desk.state).toBe('online');
  });

  it('does not ask again, not even elsewhere', async () => {
    const no = await scripted((line, peer) => peer.say(error(line, 2, 'no')));
    const other = await scripted(granting());
    const { client: desk } = client([no.endpoint, other.endpoint], { reconnect: quick });
    expect(codeOf(await rejection(desk.registered))).toBe('REGISTRATION_REFUSED');
    await desk.close();
    expect(other.peers).toHaveLength(0);
  });

  it('asks again with retryRefused, on a new connection, and may be let in', async () => {
    const server = await scripted((line, peer) => {
      if (peer.number < 3) peer.say(error(line, 2, 'not yet'));
      else peer.say({ messageName: 'EventAck', referenceId: line.referenceId });
    });
    const { client: desk } = client(server.endpoint, {
      reconnect: { ...quick, retryRefused: true },
    });
    await desk.registered;
    expect(server.peers).toHaveLength(3);
    expect(server.most()).toBe(1);
  });
});
