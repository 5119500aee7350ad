// CPU time of a message to one client by its name, and to a group, against bare sockets in a Map: npm run bench:send [-- --sessions 5000 --rounds 9].
// Most of it is the system's, for the write; so the same is measured on connections that drop what is written. Progress goes to stderr, the table to stdout, the figures to bench/results/send.json.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer as createNetServer } from 'node:net';
import { cpus } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from '../dist/adapters/server/index.js';
import { spread } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

if (process.argv[2] === 'clients') {
  await beClients(Number(process.argv[3]), Number(process.argv[4]));
} else {
  await measure();
}

/** Connects clients, registers each, and reads and drops what they are sent. */
async function beClients(port, count) {
  for (let n = 0; n < count; n += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-${n}","clientType":"AgentApplication"}\n`,
    );
    await once(socket, 'data');
    socket.on('data', () => {});
  }
  process.send('ready');
}

/** The least that a service can do: a name in each first line, a Map of sockets. */
async function bareSockets() {
  const byName = new Map();
  const server = createNetServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      byName.set(JSON.parse(data).clientName, socket);
      socket.write('{"messageName":"EventAck","referenceId":1}\n');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: server.address().port,
    sockets: byName,
    send: (name, message) => byName.get(name).write(`${JSON.stringify(message)}\n`),
    close: () => server.close(),
  };
}

/** A gate whose clients are in this process and drop what they are sent: the cost without the system. */
async function unconnectedGate(names) {
  const gate = await createServer({ exempt: ['127.0.0.1'] });
  gate.on('registered', (session) => session.join('all'));
  for (const name of names) {
    const request = {
      messageName: 'RequestRegisterClient',
      referenceId: 1,
      clientName: name,
      clientType: 'AgentApplication',
    };
    gate.accept({
      scheme: 'memory',
      framing: 'stream',
      remoteAddress: '127.0.0.1',
      remotePort: 0,
      certificate: null,
      unsent: 0,
      start: (handlers) => handlers.data(Buffer.from(`${JSON.stringify(request)}\n`), 'text'),
      write: () => true,
      writeText: () => true,
      pause: () => {},
      resume: () => {},
      close: () => {},
      destroy: () => {},
    });
  }
  return gate;
}

async function clientsAt(port, count) {
  const child = fork(here('send.mjs'), ['clients', String(port), String(count)]);
  await once(child, 'message');
  return child;
}

async function measure() {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '9' },
    },
  });
  const [sessions, rounds] = [values.sessions, values.rounds].map(Number);
  for (const [name, number] of Object.entries({ sessions, rounds })) {
    if (Number.isInteger(number) && number >= 1) continue;
    console.error(`bench:send: --${name} is a whole number from 1, not ${values[name]}`);
    process.exit(2);
  }
  const names = Array.from({ length: sessions }, (_, n) => `desk-${n}`);
  const unconnected = await unconnectedGate(names);
  // All clients of this bench have one address.
  const gate = await createServer({ listen: ['tcp://127.0.0.1:0'], exempt: ['127.0.0.1'] });
  gate.on('registered', (session) => session.join('all'));
  const bare = await bareSockets();
  const children = [];
  for (const port of [bare.port, gate.endpoints[0].port]) {
    process.stderr.write(`${sessions} clients connect\n`);
    children.push(await clientsAt(port, sessions));
  }

  const message = {
    messageName: 'EventInvite',
    ticket: 4_711,
    interactionId: '00001aFR8',
    mediaType: 'chat',
  };
  const each = (send) => () => {
    for (const name of names) send(name);
  };
  const ways = {
    'bare sockets, by name': each((name) => bare.send(name, message)),
    'gate.named(name).send': each((name) => gate.named(name).send(message)),
    'gate.named(name).send, without sockets': each((name) => unconnected.named(name).send(message)),
    'bare sockets, encoded once': () => {
      const line = `${JSON.stringify(message)}\n`;
      for (const socket of bare.sockets.values()) socket.write(line);
    },
    'gate.group(name).send': () => gate.group('all').send(message),
    'gate.group(name).send, without sockets': () => unconnected.group('all').send(message),
  };
  const times = new Map(Object.keys(ways).map((name) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    for (const [name, run] of Object.entries(ways)) {
      const begin = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(begin);
      if (round > 0) times.get(name).push((user + system) / sessions);
      // The clients read meanwhile.
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    }
  }
  for (const child of children) child.kill();
  bare.close();
  await gate.close();

  const results = [...times].map(([name, microseconds]) => ({
    name,
    microseconds: spread(microseconds),
  }));
  console.table(
    results.map(({ name, microseconds }) => ({
      'CPU per send': name,
      us: microseconds.median,
      from: microseconds.from,
      to: microseconds.to,
    })),
  );
  const { version } = JSON.parse(await readFile(here('../package.json'), 'utf8'));
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  await mkdir(here('results'), { recursive: true });
  const report = {
    ixgate: version,
    at: new Date().toISOString(),
    machine,
    sessions,
    rounds,
    results,
  };
  await writeFile(here('results/send.json'), `${JSON.stringify(report, null, 2)}\n`);
}
