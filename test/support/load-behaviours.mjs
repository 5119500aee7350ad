/** Behaviours of a client towards a gate. Each takes `{port, localAddress, number, ...}` and returns the outcome. */
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';

/** A connection that reads lines of JSON. */
class Link {
  static open({
    port,
    localAddress,
    secure = false,
    deaf = false,
    halfOpen: allowHalfOpen = false,
  }) {
    return new Promise((resolve, reject) => {
      const to = { port, host: '127.0.0.1', localAddress, noDelay: true, allowHalfOpen };
      const socket = secure ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
      const link = new Link(socket, deaf);
      socket.once(secure ? 'secureConnect' : 'connect', () => resolve(link));
      socket.once('error', reject);
    });
  }

  #lines = [];
  #waiting = [];
  #rest = '';

  constructor(socket, deaf) {
    this.socket = socket;
    this.opened = performance.now();
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    const over = () => {
      for (const wake of this.#waiting.splice(0)) wake(null);
      this.over = true;
    };
    socket.on('end', over);
    socket.on('close', over);
    if (deaf) socket.pause();
    else socket.setEncoding('utf8').on('data', (text) => this.#read(text));
  }

  #read(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      const wake = this.#waiting.shift();
      if (wake) wake(JSON.parse(line));
      else this.#lines.push(JSON.parse(line));
    }
  }

  say(text) {
    return this.socket.write(text);
  }

  /** The next message; null at the end. */
  next() {
    if (this.#lines.length > 0) return this.#lines.shift();
    if (this.over) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async leave() {
    this.socket.end();
    await this.closed;
  }

  async reset() {
    // A half-closed socket cannot be reset any more, and Node then never closes it.
    if (this.socket.writableEnded) this.socket.destroy();
    else this.socket.resetAndDestroy();
    await this.closed;
  }

  /** Sends the text again and again, as fast as the gate reads, until the gate closes. */
  async sayUntilClosed(text) {
    const more = () => {
      while (!this.socket.destroyed && this.say(text));
    };
    this.socket.on('drain', more);
    more();
    await this.closed;
  }
}

const registration = (clientName, referenceId = 1) =>
  `${JSON.stringify({ messageName: 'RequestRegisterClient', referenceId, clientName, clientType: 'Proxy' })}\n`;
const request = (referenceId, more = {}) =>
  `${JSON.stringify({ messageName: 'RequestAnything', referenceId, ...more })}\n`;

function outcomeOf(message) {
  if (message === null) return 'closed';
  if (message.messageName === 'EventAck') return 'registered';
  // A rejected connection is notified before it has sent a request.
  return message.referenceId === null ? 'connection-rejected' : 'refused';
}

async function registered(given) {
  const started = performance.now();
  const link = await Link.open(given);
  const connected = performance.now() - started;
  link.say(registration(`client-${given.number}`));
  const outcome = outcomeOf(await link.next());
  return { link, outcome, connected, answered: performance.now() - started };
}

const agent = new Agent({ keepAlive: true });

export const behaviours = {
  /** Requests a page on a keep-alive connection. */
  async get({ port, path }) {
    const [response] = await once(get({ port, path, host: '127.0.0.1', agent }), 'response');
    for await (const _ of response.on('error', () => {}));
    return { outcome: String(response.statusCode) };
  },

  async register(given) {
    const { link, ...came } = await registered(given);
    await link.leave();
    return came;
  },

  /** Registers, sends some requests, and disconnects. */
  async work({ requests = 10, ...given }) {
    const { link, ...came } = await registered(given);
    if (came.outcome !== 'registered') {
      await link.leave();
      return came;
    }
    for (let one = 0; one < requests; one += 1) {
      link.say(request(one + 2));
      const answer = await link.next();
      if (answer?.referenceId !== one + 2) return { outcome: 'not answered' };
    }
    await link.leave();
    return came;
  },

  async 'register over WebSocket'({ port, localAddress, number }) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { localAddress });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send(registration(`client-${number}`));
    const [data] = await once(socket, 'message');
    socket.close();
    await closed;
    return { outcome: outcomeOf(JSON.parse(String(data))) };
  },

  async 'register and drop'(given) {
    const { link, ...came } = await registered(given);
    await link.reset();
    return came;
  },

  async reset(given) {
    const link = await Link.open(given);
    await link.reset();
    return { outcome: 'reset' };
  },

  /** Resets in the middle of its registration. */
  async 'reset while asking'(given) {
    const link = await Link.open(given);
    const text = registration('client');
    link.say(given.number % 2 ? text : text.slice(0, given.number % text.length));
    await link.reset();
    return { outcome: 'reset' };
  },

  async leave(given) {
    const link = await Link.open(given);
    await link.leave();
    return { outcome: 'left' };
  },

  /** Is rejected again and again, and disconnects before the limit. */
  async 'be refused'({ times = 15, name = 'stranger', ...given }) {
    const link = await Link.open(given);
    let text = '';
    for (let one = 1; one <= times; one += 1) text += registration(`${name}-${one}`, one);
    link.say(text);
    let refused = 0;
    for (let one = 0; one < times; one += 1) {
      if (outcomeOf(await link.next()) !== 'refused') break;
      refused += 1;
    }
    await link.leave();
    return { outcome: refused === times ? 'refused' : `refused ${refused} times`, refused };
  },

  /** Sends invalid requests just below the rate that the gate allows, and stays connected. */
  async 'be wrong and stay'({ times = 14, ...given }) {
    const link = await Link.open(given);
    link.say(request(1).repeat(times));
    return { outcome: 'stays' };
  },

  async 'flood with errors'(given) {
    const link = await Link.open(given);
    await link.sayUntilClosed(request(1).repeat(100));
    return { outcome: 'closed' };
  },

  async 'flood and never read'(given) {
    const link = await Link.open({ ...given, deaf: true });
    await link.sayUntilClosed(request(1).repeat(100));
    return { outcome: 'closed' };
  },

  /** Registers, then sends more requests than it reads answers. */
  async 'read nothing'({ bytes = 60_000, ...given }) {
    const link = await Link.open({ ...given, deaf: true });
    link.say(registration(`client-${given.number}`));
    await link.sayUntilClosed(request(2, { bytes }));
    return { outcome: 'closed' };
  },

  /** Reads a little now and then. */
  async 'read slowly'({ requests = 50, bytes = 20_000, ...given }) {
    const { link, outcome } = await registered(given);
    for (let one = 0; one < requests; one += 1) link.say(request(one + 2, { bytes }));
    const pausing = setInterval(() => {
      link.socket.pause();
      setTimeout(() => link.socket.resume(), 5);
    }, 10);
    let answered = 0;
    while (answered < requests && (await link.next()) !== null) answered += 1;
    clearInterval(pausing);
    link.socket.resume();
    await link.leave();
    return { outcome: answered === requests ? outcome : `answered ${answered} times` };
  },

  async 'talk garbage'(given) {
    const link = await Link.open(given);
    const bytes = Buffer.from(
      Array.from({ length: 200 }, (_, at) => (at * 7 + given.number) % 256),
    );
    link.say(Buffer.concat([bytes, Buffer.from('\n')]));
    while ((await link.next()) !== null);
    await link.leave();
    return { outcome: 'closed' };
  },

  /** A thousand messages in one chunk, the registration first. */
  async 'send 1,000 frames at once'(given) {
    const link = await Link.open(given);
    let text = registration(`client-${given.number}`);
    for (let id = 2; id <= 1_000; id += 1) text += request(id);
    link.say(text);
    for (let id = 1; id <= 1_000; id += 1) {
      const answer = await link.next();
      if (answer?.referenceId !== id) return { outcome: `message ${id} was not answered` };
    }
    await link.leave();
    return { outcome: 'answered' };
  },

  async 'send 1,000 frames at once, unregistered'(given) {
    const link = await Link.open(given);
    link.say(request(1).repeat(1_000));
    let errors = 0;
    while ((await link.next()) !== null) errors += 1;
    await link.leave();
    return { outcome: `${errors} errors` };
  },
};

export { Link };
