import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { type Line, serving } from '../cli/ixgate.js';
import { freePort } from '../support/free-port.js';
import { type GatePorts, type Haproxy, startHaproxy } from './haproxy.js';
import { hasProgram } from './programs.js';

const isThere = await hasProgram('haproxy', ['-v'], 'haproxy');

const desks = 200;
/** Milliseconds between two requests of a client. */
const pause = 100;

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function portsOfGate(): Promise<GatePorts> {
  const tcp = await freePort();
  return { 7004: tcp, 7005: await freePort(), 7006: tcp, 7080: await freePort() };
}

/** Starts a gate behind HAProxy on its ports. */
async function gateOn(ports: GatePorts) {
  const gate = await serving([
    ...['--listen', `tcp://127.0.0.1:${ports[7004]}`],
    ...['--listen', `ws://127.0.0.1:${ports[7005]}`],
    ...['--admin', `http://127.0.0.1:${ports[7080]}`],
    ...['--trust-proxy', '127.0.0.1', '--proxy-protocol', 'required'],
    // The machine may be busy: a gate that is overloaded is not ready.
    ...['--max-lag', '60s', '--drain-delay', '5s', '--drain', '20s'],
  ]);
  opened.push(gate);
  return gate;
}

/** A client that sends a request at a time, and their outcomes. */
class Desk {
  readonly client: GateClient;
  readonly failures: unknown[] = [];
  /** Milliseconds without a registration, for each time. */
  readonly away: number[] = [];
  answered = 0;
  #lostAt = 0;

  constructor(endpoints: string, clientName: string) {
    this.client = createClient({
      endpoints,
      clientName,
      clientType: 'AgentApplication',
      requestTimeout: 30_000,
    });
    opened.push(this.client);
    this.client.on('disconnected', () => {
      this.#lostAt ||= performance.now();
    });
    this.client.on('registered', () => {
      if (this.#lostAt > 0) this.away.push(performance.now() - this.#lostAt);
      this.#lostAt = 0;
    });
  }

  async work(signal: AbortSignal): Promise<void> {
    await delay(pause * Math.random());
    while (!signal.aborted) {
      try {
        await this.client.request({ messageName: 'RequestAgentLogin', agentId: '7001' });
        this.answered += 1;
      } catch (error) {
        this.failures.push(error);
      }
      await delay(pause);
    }
  }
}

/** Clients that come one after the other, register with their only attempt and leave. @returns how many, and what went wrong */
async function newcomers(endpoint: string, signal: AbortSignal) {
  const failures: unknown[] = [];
  let count = 0;
  for (; !signal.aborted; count += 1) {
    const clientName = `newcomer-${count}`;
    const newcomer = createClient({
      endpoints: endpoint,
      clientName,
      clientType: 'AgentApplication',
      reconnect: false,
      // The machine may be busy.
      connectTimeout: 30_000,
      replyTimeout: 30_000,
    });
    await newcomer.registered.catch((error) => failures.push(error));
    await newcomer.close();
    await delay(pause);
  }
  return { count, failures };
}

/** The names that are registered at the gates. */
async function registeredAt(all: readonly GatePorts[]): Promise<string[]> {
  const lists = await Promise.all(
    all.map(async (ports) => {
      const answer = await fetch(`http://127.0.0.1:${ports[7080]}/sessions`);
      return ((await answer.json()) as { sessions: Line[] }).sessions;
    }),
  );
  return lists.flat().map(({ clientName }) => String(clientName));
}

const atQuantile = (values: readonly number[], quantile: number) =>
  Math.round([...values].sort((a, b) => a - b)[Math.floor(quantile * (values.length - 1))] ?? 0);

describe.skipIf(!isThere)('Two gates behind HAProxy, restarted one after the other', () => {
  it(`T70: ${desks} clients that send requests lose no request and no registration, and newcomers are never refused`, async () => {
    const ports = [await portsOfGate(), await portsOfGate()] as const;
    const gates = [await gateOn(ports[0]), await gateOn(ports[1])];
    const haproxy: Haproxy = await startHaproxy(ports);
    opened.push(haproxy);
    await haproxy.until('UP', 'UP');
    const tcp = `tcp://127.0.0.1:${haproxy.tcp}`;
    const ws = `ws://127.0.0.1:${haproxy.ws}`;
    const all = Array.from(
      { length: desks },
      (_, index) => new Desk(index % 2 === 0 ? tcp : ws, `desk-${index + 1}`),
    );
    await Promise.all(all.map(({ client }) => client.registered));
    const stop = new AbortController();
    const work = Promise.all(all.map((desk) => desk.work(stop.signal)));
    const others = newcomers(tcp, stop.signal);
    const [atFirst, atSecond] = [await registeredAt([ports[0]]), await registeredAt([ports[1]])];
    // "leastconn" shares them.
    expect(Math.abs(atFirst.length - atSecond.length)).toBeLessThan(desks / 4);

    const start = performance.now();
    for (const [index, gate] of gates.entries()) {
      gate.child.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
      gates[index] = await gateOn(ports[index] as GatePorts);
      await haproxy.until('UP', 'UP');
    }
    const took = performance.now() - start;
    stop.abort();
    await work;
    const { count, failures } = await others;

    expect(failures).toEqual([]);
    expect(all.flatMap(({ failures }) => failures)).toEqual([]);
    expect(all.every(({ client }) => client.state === 'online')).toBe(true);
    const names = await registeredAt(ports);
    expect(names).toHaveLength(desks);
    expect(new Set(names).size).toBe(desks);
    // Each client left a gate once, or twice when the second gate took it from the first.
    const moves = all.map(({ away }) => away.length);
    expect(Math.min(...moves)).toBe(1);
    expect(Math.max(...moves)).toBe(2);
    const away = all.flatMap((desk) => desk.away);
    const answered = all.reduce((sum, desk) => sum + desk.answered, 0);
    console.info(
      `rolling restart: ${answered} requests answered, ${count} newcomers, ${away.length} moves in ${Math.round(took)} ms; without registration: ` +
        `median ${atQuantile(away, 0.5)} ms, 99 % ${atQuantile(away, 0.99)} ms, longest ${atQuantile(away, 1)} ms`,
    );
    await Promise.all(all.map(({ client }) => client.close()));
  }, 120_000);
});
