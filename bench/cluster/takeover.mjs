// Names that move from one gate to another, and names of a gate that is killed.
import { once } from 'node:events';
import { connect } from 'node:net';
import { claimOf, concurrently, openMember } from './member.mjs';
import { startGate } from './processes.mjs';

/** A connection that resolves `next` with each message of the gate, and the time of its arrival. */
async function openClient(port) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const arrived = [];
  const waiting = [];
  let rest = '';
  socket.setEncoding('utf8').on('error', () => {});
  socket.on('data', (text) => {
    const at = performance.now();
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const message = { at, ...JSON.parse(line) };
      const resolve = waiting.shift();
      if (resolve) resolve(message);
      else arrived.push(message);
    }
  });
  return {
    socket,
    send(clientName) {
      const [messageName, clientType] = ['RequestRegisterClient', 'AgentApplication'];
      socket.write(`${JSON.stringify({ messageName, referenceId: 1, clientName, clientType })}\n`);
    },
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise((resolve) => waiting.push(resolve)),
  };
}

function expectMessage(message, name) {
  if (message.messageName !== name) throw new Error(`not ${name}: ${JSON.stringify(message)}`);
}

/**
 * Milliseconds from the request that a client sends to gate B until B has acknowledged it, and until the client of A that had the name gets
 * its EventError. `plain` is a registration at B of a name that no client has.
 */
export async function measureTakeovers(url, { takeovers, say }) {
  say(`takeovers: ${takeovers}`);
  const [a, b] = await Promise.all(['a', 'b'].map((node) => startGate(url, node, 1)));
  const times = { granted: [], heard: [], plain: [] };
  const warmUp = Math.ceil(takeovers / 10);
  for (let number = -warmUp; number < takeovers; number += 1) {
    const clients = await Promise.all([a, b, b].map(({ port }) => openClient(port)));
    const [holder, taker, other] = clients;
    const { clientName } = claimOf(number + warmUp);
    holder.send(clientName);
    expectMessage(await holder.next(), 'EventAck');
    const start = performance.now();
    taker.send(clientName);
    const [granted, heard] = await Promise.all([taker.next(), holder.next()]);
    expectMessage(granted, 'EventAck');
    expectMessage(heard, 'EventError');
    const plainStart = performance.now();
    other.send(`other-${number + warmUp}`);
    const plain = await other.next();
    expectMessage(plain, 'EventAck');
    for (const { socket } of clients) socket.destroy();
    if (number < 0) continue;
    times.granted.push(granted.at - start);
    times.heard.push(heard.at - start);
    times.plain.push(plain.at - plainStart);
  }
  await Promise.all([a.stop(), b.stop()]);
  return times;
}

/** Milliseconds from kill -9 of a gate until another gate has been granted the first and the last of its names. */
export async function measureDeadNode(url, { names, rounds, say }) {
  const times = { first: [], last: [] };
  const member = await openMember(url, 'heir');
  for (let round = 0; round < rounds; round += 1) {
    say(`a dead node: round ${round + 1} of ${rounds}`);
    const gate = await startGate(url, `dead-${round}`, 1);
    await concurrently(names, 64, async (number) => {
      const client = await openClient(gate.port);
      client.send(claimOf(number).clientName);
      expectMessage(await client.next(), 'EventAck');
    });
    gate.child.kill('SIGKILL');
    const killed = performance.now();
    const granted = [];
    await concurrently(names, 64, async (number) => {
      while (!(await member.claim(claimOf(number))).granted) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      granted.push(performance.now() - killed);
    });
    times.first.push(Math.min(...granted));
    times.last.push(Math.max(...granted));
    for (let number = 1; number <= names; number += 1) member.release(claimOf(number));
  }
  await member.close();
  return { ...times, lease: member.directory.lease };
}
