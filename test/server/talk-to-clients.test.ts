import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { jsonCodec } from '../../adapters/net/wire/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const open: LineClient[] = [];
// A client that stays would keep its gate open for a second.
afterEach(() => {
  for (const one of open.splice(0)) one.socket.destroy();
});

const invite = { messageName: 'EventInvite', ticket: 1 };
const nothing = { sent: 0, buffered: 0, 'not-registered': 0, closed: 0 };

async function gateOf(names: readonly string[], options: ServerOptions = {}) {
  const { server, client } = await openGate(options);
  const clients = [];
  for (const clientName of names) {
    const one = await client();
    await one.ask(registerRequest({ clientName }));
    clients.push(one);
    open.push(one);
  }
  return { server, client, clients };
}

function sessionOf(server: GateServer, clientName: string) {
  const [session] = server.named(clientName);
  if (!session) throw new Error(`no session of ${clientName}`);
  return session;
}

describe('gate.named', () => {
  it('sends to each registered session of a name, and to no other', async () => {
    const { server, clients } = await gateOf(['desk-1', 'desk-2', 'desk-1']);
    expect(server.named('desk-1').size).toBe(2);
    expect(server.named('desk-1').send(invite)).toEqual({ ...nothing, sent: 2 });
    expect(server.named('desk-2').send({ ...invite, ticket: 2 })).toEqual({ ...nothing, sent: 1 });
    const heard = await Promise.all(clients.map((one) => one.next()));
    expect(heard.map((message) => message?.ticket)).toEqual([1, 2, 1]);
  });

  it('knows only registered sessions, and follows their ends', async () => {
    const { server, client, clients } = await gateOf(['desk-1']);
    await using newcomer = await client();
    await newcomer.ask({ messageName: 'RequestX', clientName: 'desk-2' });
    const [desk1, desk2] = [server.named('desk-1'), server.named('desk-2')];
    expect([desk1.size, desk2.size]).toEqual([1, 0]);
    expect(desk2.send(invite)).toEqual(nothing);
    const gone = once(server, 'disconnected');
    await clients[0]?.[Symbol.asyncDispose]();
    await gone;
    await newcomer.ask(registerRequest({ clientName: 'desk-2' }));
    expect([desk1.size, desk2.size]).toEqual([0, 1]);
    expect(desk1.send(invite)).toEqual(nothing);
  });

  it.each(['__proto__', 'constructor', ''])('has no session for %j', async (name) => {
    const { server } = await gateOf(['desk-1']);
    expect(server.named(name).send(invite)).toEqual(nothing);
  });
});

describe('gate.where', () => {
  it('sends to the registered sessions that the predicate selects at that moment', async () => {
    const { server, client, clients } = await gateOf(['desk-1', 'desk-2', 'media-1']);
    await using _unregistered = await client();
    const asked: unknown[] = [];
    const desks = server.where((session) => {
      asked.push(session.info().clientName);
      return session.info().clientName?.startsWith('desk') ?? false;
    });
    expect(asked).toEqual([]);
    expect(desks.send(invite)).toEqual({ ...nothing, sent: 2 });
    expect(asked).toEqual(['desk-1', 'desk-2', 'media-1']);
    expect(await clients[1]?.next()).toEqual(invite);
    expect([...desks].map((session) => session.info().clientName)).toEqual(['desk-1', 'desk-2']);
  });

  it('sends nothing when the predicate throws', async () => {
    const { server, clients } = await gateOf(['desk-1', 'desk-2']);
    const failing = server.where((session) => {
      if (session.info().clientName === 'desk-2') throw new Error('boom');
      return true;
    });
    expect(() => failing.send(invite)).toThrow('boom');
    server.named('desk-1').send({ ...invite, ticket: 2 });
    expect(await clients[0]?.next()).toMatchObject({ ticket: 2 });
  });
});

describe('a group', () => {
  it('has the sessions that joined and did not leave', async () => {
    const { server, clients } = await gateOf(['a', 'b', 'c']);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => sessionOf(server, name));
    expect([a?.join('north'), b?.join('north'), c?.join('south')]).toEqual([true, true, true]);
    expect(a?.join('north')).toBe(true);
    expect(server.group('north').send(invite)).toEqual({ ...nothing, sent: 2 });
    expect([b?.leave('north'), b?.leave('north'), b?.leave('never')]).toEqual([true, false, false]);
    expect(server.group('north').send({ ...invite, ticket: 2 })).toEqual({ ...nothing, sent: 1 });
    expect([await clients[0]?.next(), await clients[0]?.next()]).toMatchObject([
      { ticket: 1 },
      { ticket: 2 },
    ]);
    expect(a?.groups).toEqual(['north']);
    expect([...server.group('south')]).toEqual([c]);
  });

  it('loses a session that ends, which still knows its groups in the listener of the end', async () => {
    const { server, clients } = await gateOf(['a', 'b']);
    const [a, b] = ['a', 'b'].map((name) => sessionOf(server, name));
    a?.join('north');
    b?.join('north');
    const heard: unknown[] = [];
    server.on('disconnected', (session) => {
      for (const group of session.groups) heard.push(server.group(group).send(invite));
    });
    const gone = once(server, 'disconnected');
    await clients[0]?.[Symbol.asyncDispose]();
    await gone;
    expect(heard).toEqual([{ ...nothing, sent: 1 }]);
    expect(await clients[1]?.next()).toEqual(invite);
    expect(server.group('north').size).toBe(1);
    expect([a?.join('north'), a?.leave('north'), a?.send(invite)]).toEqual([
      false,
      false,
      'closed',
    ]);
  });

  it('takes no session that is not registered', async () => {
    const joined: unknown[] = [];
    const { server, client } = await openGate({});
    server.on('connected', (session) => joined.push(session.join('north')));
    server.on('registered', (session) => joined.push(session.join('north')));
    await using one = await client();
    await one.ask(registerRequest());
    expect(joined).toEqual([false, true]);
    expect(server.group('north').size).toBe(1);
  });

  it('encodes a message once for each kind of framing, however many members it has', async () => {
    let encoded = 0;
    const codec = {
      ...jsonCodec,
      encode: (...args: Parameters<typeof jsonCodec.encode>) => {
        if (args[0].messageName === 'EventInvite') encoded += 1;
        return jsonCodec.encode(...args);
      },
    };
    const server = await createServer({
      listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'],
      codec,
    });
    await using _server = server;
    server.on('registered', (session) => session.join('all'));
    const [tcp, ws] = server.endpoints.map(({ port }) => port);
    const lines = await Promise.all([1, 2, 3].map(() => lineClient(tcp ?? 0)));
    for (const one of lines) await one.ask(registerRequest());
    const sockets: WebSocket[] = [];
    for (const _ of [1, 2]) {
      const socket = new WebSocket(`ws://127.0.0.1:${ws}`);
      sockets.push(socket);
      await once(socket, 'open');
      socket.send(JSON.stringify(registerRequest()));
      await once(socket, 'message');
    }
    const framed = Promise.all(sockets.map((socket) => once(socket, 'message')));
    const text = 'caf\u00e9';
    expect(server.group('all').send({ ...invite, text })).toEqual({ ...nothing, sent: 5 });
    expect(encoded).toBe(2);
    for (const one of lines) expect(await one.next()).toMatchObject({ text });
    for (const [data] of await framed) expect(JSON.parse(String(data))).toMatchObject({ text });
    for (const socket of sockets) socket.terminate();
    await Promise.all(lines.map((one) => one[Symbol.asyncDispose]()));
  });

  it('of ten thousand names that came and went leaves nothing behind', async () => {
    const { server } = await gateOf(['a']);
    const session = sessionOf(server, 'a');
    for (let n = 0; n < 10_000; n += 1) {
      session.join(`group-${n}`);
      session.leave(`group-${n}`);
    }
    expect(session.groups).toEqual([]);
    expect(server.group('group-1').size).toBe(0);
  });
});

describe('session.send', () => {
  it('tells what happened: sent, buffered, not-registered, closed', async () => {
    const { server, client, clients } = await gateOf(['a'], { maxUnsent: 20_000_000 });
    const session = sessionOf(server, 'a');
    expect(session.send(invite)).toBe('sent');
    clients[0]?.socket.pause();
    const bulk = { ...invite, text: 'x'.repeat(1_000_000) };
    let outcome = session.send(bulk);
    for (let n = 0; n < 15 && outcome === 'sent'; n += 1) outcome = session.send(bulk);
    expect(outcome).toBe('buffered');
    expect(server.named('a').send(invite)).toEqual({ ...nothing, buffered: 1 });
    const connected = once(server, 'connected');
    await using _other = await client();
    const [unregistered] = await connected;
    expect(unregistered.send(invite)).toBe('not-registered');
    session.disconnect();
    expect(session.send(invite)).toBe('closed');
  });

  it('ends a client for which too much waits, and tells so', async () => {
    const { server, clients } = await gateOf(['a'], { maxUnsent: 100_000 });
    clients[0]?.socket.pause();
    const bulk = { ...invite, text: 'x'.repeat(1_000_000) };
    const session = sessionOf(server, 'a');
    let outcome = session.send(bulk);
    for (let n = 0; n < 15 && outcome === 'sent'; n += 1) outcome = session.send(bulk);
    expect(outcome).toBe('closed');
    expect(server.named('a').size).toBe(0);
  });

  it.each([undefined, null, 'EventX', {}, { messageName: '' }, []])(
    'refuses %j, which is not a message',
    async (message) => {
      const { server } = await gateOf(['a']);
      const [session] = server.named('a');
      const expected = { code: 'BAD_OPTION', option: 'message' };
      for (const send of [
        () => session?.send(message as never),
        () => server.named('unknown').send(message as never),
      ]) {
        expect(send).toThrow(expect.objectContaining(expected));
      }
    },
  );

  it('and the lookups refuse a name that is not a text, and a predicate that is not a function', async () => {
    const { server } = await gateOf(['a']);
    expect(() => server.named(7 as never)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', option: 'clientName' }),
    );
    expect(() => server.where(undefined as never)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', option: 'predicate' }),
    );
  });

  it.each([undefined, 7, ''])('and join refuse the group %j', async (group) => {
    const { server } = await gateOf(['a']);
    const [session] = server.named('a');
    const expected = expect.objectContaining({ code: 'BAD_OPTION', option: 'group' });
    expect(() => session?.join(group as never)).toThrow(expected);
    expect(() => server.group(group as never)).toThrow(expected);
  });
});
