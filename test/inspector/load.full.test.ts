import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, createMachine, type InspectionEvent } from 'xstate';
import { createInspector, type Inspector } from '../../adapters/inspector/index.js';
import { runNode } from '../support/run-node.js';
import { anInspector, appNamed, genuine } from './apps.js';
import { light } from './machines.js';

const running: AnyActorRef[] = [];
afterEach(() => {
  for (const actor of running.splice(0)) actor.stop();
});

function started<Actor extends AnyActorRef>(actor: Actor): Actor {
  running.push(actor);
  actor.start();
  return actor;
}

describe('The inspector under load', () => {
  it('does not keep its process alive, connected or not', async () => {
    await using server = await anInspector();
    const app = (url: string, wait: number) => `
      import { createInspector } from './dist/adapters/inspector/index.js';
      import { createActor, createMachine } from 'xstate';
      const { inspect } = createInspector({ url: '${url}' });
      createActor(createMachine({ id: 'short' }), { inspect }).start();
      setTimeout(() => {}, ${wait});
    `;
    const run = (url: string, wait: number) =>
      runNode(['--input-type=module', '-e', app(url, wait)]);
    expect(await run(server.appUrl, 1_000)).toMatchObject({ code: 0, stderr: '' });
    expect(appNamed(server, 'short')?.actors.length).toBe(1);
    expect(await run('ws://127.0.0.1:9', 0)).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes 1,000 actors with a context of 30 kB, a circular one included', async () => {
    await using server = await anInspector();
    using client = genuine(server.appUrl);
    const context: Record<string, unknown> = { text: 'x'.repeat(30_000) };
    context.self = context;
    const heavy = createMachine({ id: 'heavy', context, on: { STAY: {} } });
    const start = () => started(createActor(heavy, { inspect: client.inspect }));
    // Until it is connected the client holds 200 messages and drops what is more.
    start();
    await expect.poll(() => server.apps().apps[0]?.messages).toBe(3);
    for (let count = 1; count < 1_000; count += 1) start();
    await expect.poll(() => server.apps().apps[0]?.messages).toBe(3_000);
    const [app] = server.apps().apps;
    expect(app).toMatchObject({ broken: 0, missing: 0, events: { held: 1_000, forgotten: 0 } });
    expect(app?.actors.length).toBe(1_000);
  });

  it('takes 100,000 events of the client of Stately with flat memory', async () => {
    await using receiver = new Receiver();
    const url = (await receiver.line()).replace('http', 'ws');
    using client = genuine(`${url}/stately`);
    const actor = started(createActor(light, { inspect: client.inspect }));
    // Until it is connected the client holds 200 messages.
    await receiver.after(3);
    const measured: Measured[] = [];
    // The client sends in timers; a thousand events wait at most.
    for (let sent = 0; sent < 100_000; sent += 1_000) {
      for (let count = 0; count < 1_000; count += 1) actor.send({ type: 'NEXT' });
      await new Promise((resolve) => setImmediate(resolve));
      if (sent % 20_000 !== 19_000) continue;
      measured.push(await receiver.after(3 + 2 * (sent + 1_000)));
    }
    expect(measured.at(-1)).toMatchObject({ missing: 0, events: { held: 20_000 } });
    const megabytes = measured.map(({ held }) => Math.round(held / 1_000_000));
    console.log(`held after each 20,000 events: ${megabytes.join(', ')} MB`);
    // The ladder is full after 20,000 events.
    expect(megabytes.at(-1)).toBeLessThanOrEqual((megabytes[1] ?? 0) + 5);
  });

  it('being killed disturbs no app; the callback of ixgate finds the next one', async () => {
    let listen = '';
    using own = createInspectorOf();
    {
      await using receiver = new Receiver();
      listen = await receiver.line();
      using client = genuine(`${listen.replace('http', 'ws')}/stately`);
      own.open(`${listen.replace('http', 'ws')}/stately`);
      const watched = started(createActor(light, { inspect: client.inspect }));
      const ours = started(createActor(light, { inspect: own.inspect }));
      await expect.poll(() => appsAt(listen)).toBe(2);
      receiver.kill();
      await receiver.ended;
      watched.send({ type: 'NEXT' });
      ours.send({ type: 'NEXT' });
      expect([watched, ours].map((actor) => actor.getSnapshot().value)).toEqual([
        'yellow',
        'yellow',
      ]);
    }
    await using next = new Receiver(listen);
    await next.line();
    await expect.poll(() => appsAt(listen)).toBe(1);
  });
});

interface Measured {
  readonly held: number;
  readonly isComplete: boolean;
  readonly missing: number;
  readonly events: { readonly held: number };
}

async function appsAt(url: string): Promise<number> {
  const response = await fetch(`${url}/stately.json`);
  const { apps } = (await response.json()) as { apps: { actors: unknown[] }[] };
  return apps.filter(({ actors }) => actors.length > 0).length;
}

/** The callback of ixgate, opened when the address is known. */
function createInspectorOf() {
  let inspector: Inspector | null = null;
  return {
    open(url: string) {
      inspector = createInspector({ url });
    },
    inspect: (event: InspectionEvent) => inspector?.inspect(event),
    [Symbol.dispose]: () => inspector?.close(),
  };
}

/** An inspector in its own process. */
class Receiver implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<unknown>;

  constructor(...args: string[]) {
    const script = join(import.meta.dirname, 'receiver-child.mjs');
    this.#child = spawn(process.execPath, ['--expose-gc', script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = once(this.#child, 'exit');
    this.#lines = createInterface({ input: this.#child.stdout as Readable })[
      Symbol.asyncIterator
    ]();
  }

  async line(): Promise<string> {
    const { value } = await this.#lines.next();
    return String(value);
  }

  /** What it holds once it has got a number of messages. */
  async after(messages: number): Promise<Measured> {
    for (;;) {
      this.#child.stdin?.write(`${messages}\n`);
      const measured = JSON.parse(await this.line()) as Measured;
      if (measured.isComplete) return measured;
      await setTimeout(50);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
  }
}
