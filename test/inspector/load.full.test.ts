import { afterEach, describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, createMachine } from 'xstate';
import { runNode } from '../support/run-node.js';
import { anInspector, appNamed, genuine } from './apps.js';

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
    // The client holds 200 messages until it is connected.
    await expect.poll(() => server.apps().apps.length).toBe(1);
    for (let count = 0; count < 1_000; count += 1) {
      started(createActor(heavy, { inspect: client.inspect }));
    }
    await expect.poll(() => server.apps().apps[0]?.messages).toBe(3_000);
    const [app] = server.apps().apps;
    expect(app).toMatchObject({ broken: 0, missing: 0, events: { held: 1_000, forgotten: 0 } });
    expect(app?.actors.length).toBe(1_000);
  });
});
