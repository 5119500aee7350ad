/** `ixgate/vitest` in projects of users, with a real Vitest. */
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inspectActors } from '../../adapters/vitest/index.js';
import { ixgate } from '../cli/in-process.js';
import { anInspector } from '../inspector/apps.js';
import { linesOf, project } from './project.js';

const config = (options: object) => `
  import { defineConfig } from 'vitest/config';
  import { inspectActors } from 'ixgate/vitest';
  export default defineConfig({ plugins: [inspectActors(${JSON.stringify(options)})] });
`;
const recording = config({ record: 'actors.jsonl' });

const light = `
  import { createMachine } from 'xstate';
  export const light = createMachine({
    id: 'light',
    initial: 'green',
    states: {
      green: { on: { NEXT: 'yellow' } },
      yellow: { on: { NEXT: 'red', BREAK: 'dark' } },
      red: { on: { NEXT: 'green' } },
      dark: { on: { REPAIR: 'red' } },
    },
  });
`;

/** A test file that does not know the inspector. @param events number of events of its actor */
const goesAround = (events: number) => `
  import { createActor } from 'xstate';
  import { expect, it, vi } from 'vitest';
  import { light } from '../src/light.ts';
  it('goes around', () => {
    const inspected = [];
    const actor = createActor(light, { inspect: (event) => inspected.push(event.type) }).start();
    for (let count = 0; count < ${events}; count += 1) actor.send({ type: 'NEXT' });
    // The option of the app works as before: the actor, its start, and each event.
    expect(inspected.filter((type) => type === '@xstate.actor').length).toBe(1);
    expect(inspected.filter((type) => type === '@xstate.snapshot').length).toBe(${events} + 1);
  });
  it('goes around in time that stands still', () => {
    vi.useFakeTimers();
    createActor(light, { id: 'standing' }).start().send({ type: 'NEXT' });
  });
`;

const manyFiles = Object.fromEntries(
  Array.from({ length: 6 }, (_, index) => [`test/${index}.test.ts`, goesAround(4_000)]),
);

describe('inspectActors', () => {
  it.each([
    ['threads', 'true'],
    ['threads', 'false'],
    ['forks', 'true'],
    ['forks', 'false'],
    ['vmThreads', 'true'],
  ])(
    'records every message of every test file: --pool=%s --isolate=%s',
    async (pool, isolate) => {
      await using user = await project(['vitest'], {
        'vitest.config.ts': recording,
        'src/light.ts': light,
        ...manyFiles,
      });
      const { code, stdout, stderr } = await user.vitest(`--pool=${pool}`, `--isolate=${isolate}`);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/Tests {2}12 passed/);
      expect(code).toBe(0);
      const lines = await linesOf(user.file('actors.jsonl'));
      const apps = lines.filter(({ connected }) => connected === true);
      expect(apps.map(({ name }) => name).sort()).toEqual(Object.keys(manyFiles).sort());
      for (const { app } of apps) {
        const own = lines.filter((line) => line.app === app);
        const count = (type: string) => own.filter(({ message }) => message?.type === type).length;
        expect([count('@xstate.actor'), count('@xstate.event')]).toEqual([2, 4_003]);
        expect(count('@xstate.snapshot')).toBe(4_003);
        expect(own.at(-1)).toMatchObject({ connected: false });
      }
      expect(lines.filter(({ gap }) => gap !== undefined)).toEqual([]);
    },
    180_000,
  );

  it('makes a recording for ixgate coverage, which fails below a minimum', async () => {
    await using user = await project(['vitest'], {
      'vitest.config.ts': recording,
      'src/light.ts': light,
      'test/light.test.ts': goesAround(3),
    });
    expect((await user.vitest()).code).toBe(0);
    const coverage = (minimum: string) =>
      ixgate([
        'coverage',
        '--machine',
        user.file('src/light.ts'),
        user.file('actors.jsonl'),
        '--min-transitions',
        minimum,
      ]);
    const low = await coverage('80');
    expect(low.code).toBe(6);
    expect(low.stdout).toContain('yellow:BREAK');
    expect((await coverage('60')).code).toBe(0);

    // Another run replaces the recording.
    const before = await readFile(user.file('actors.jsonl'), 'utf8');
    await writeFile(
      user.file('test/repair.test.ts'),
      `import { createActor } from 'xstate';
       import { it } from 'vitest';
       import { light } from '../src/light.ts';
       it('is repaired', () => {
         const actor = createActor(light).start();
         for (const type of ['NEXT', 'BREAK', 'REPAIR']) actor.send({ type });
       });`,
    );
    expect((await user.vitest()).code).toBe(0);
    expect(await readFile(user.file('actors.jsonl'), 'utf8')).not.toContain(before);
    expect((await coverage('100')).code).toBe(0);
  }, 180_000);

  it('records children, and actors that React and packages of Node make', async () => {
    await using user = await project(['vitest', 'react', 'react-dom', '@xstate/react'], {
      'vitest.config.ts': recording,
      'src/light.ts': light,
      'test/react.test.ts': `
        import { createElement } from 'react';
        import { renderToString } from 'react-dom/server';
        import { useActorRef } from '@xstate/react';
        import { createRequire } from 'node:module';
        import { createActor, fromPromise, setup } from 'xstate';
        import { expect, it } from 'vitest';
        import { light } from '../src/light.ts';
        it('renders', () => {
          const App = () => createElement('p', null, useActorRef(light).getSnapshot().value);
          expect(renderToString(createElement(App))).toContain('green');
        });
        it('has children', async () => {
          const actors = { load: fromPromise(async () => 'loaded') };
          const parent = setup({ actors }).createMachine({
            id: 'parent', initial: 'a',
            states: { a: { invoke: { id: 'load', src: 'load', onDone: 'b' } }, b: { type: 'final' } },
          });
          await new Promise((resolve) => createActor(parent).start().subscribe({ complete: resolve }));
        });
        it('is a package', () => {
          const { createActor, createMachine } = createRequire(import.meta.url)('xstate');
          createActor(createMachine({ id: 'package' })).start();
        });
      `,
    });
    const { code, stdout, stderr } = await user.vitest();
    expect(`${stdout}${stderr}`).toMatch(/Tests {2}3 passed/);
    expect(code).toBe(0);
    const lines = await linesOf(user.file('actors.jsonl'));
    const actors = lines.filter(({ message }) => message?.type === '@xstate.actor');
    const names = actors.map(({ message }) => message?.name);
    expect(names).toEqual(expect.arrayContaining(['light', 'parent', 'load', 'package']));
    const done = lines.find(({ message }) => message?.event?.type === 'xstate.done.actor.load');
    expect(done).toBeDefined();
  }, 120_000);

  it('records XState that Vite bundles into the tests, too', async () => {
    const inlined = recording.replace(
      'defineConfig({',
      `defineConfig({ test: { server: { deps: { inline: ['xstate'] } } },`,
    );
    await using user = await project(['vitest'], {
      'vitest.config.ts': inlined,
      'src/light.ts': light,
      'test/light.test.ts': goesAround(3),
    });
    expect((await user.vitest()).code).toBe(0);
    const lines = await linesOf(user.file('actors.jsonl'));
    expect(lines.filter(({ message }) => message?.type === '@xstate.actor').length).toBe(2);
  }, 120_000);

  it('sends to an inspector that runs; without one it warns, and the tests run', async () => {
    const server = await anInspector();
    await using user = await project(['vitest'], {
      'vitest.config.ts': config({ url: server.appUrl }),
      'src/light.ts': light,
      'test/light.test.ts': goesAround(3),
    });
    expect((await user.vitest()).code).toBe(0);
    expect(server.apps().apps).toMatchObject([{ name: 'test/light.test.ts', missing: 0 }]);
    await server.close();
    const { code, stdout, stderr } = await user.vitest();
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).toContain(`no inspector at ${server.appUrl}`);
  }, 120_000);

  it('does not replace a file that is not a recording', async () => {
    await using user = await project(['vitest'], {
      'vitest.config.ts': config({ record: 'src/light.ts' }),
      'src/light.ts': light,
      'test/light.test.ts': goesAround(3),
    });
    const { code, stdout, stderr } = await user.vitest();
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain('the file exists and is not a recording');
    expect(await readFile(user.file('src/light.ts'), 'utf8')).toBe(light);
  }, 120_000);

  it('needs either a recording or an address', () => {
    expect(() => inspectActors({})).toThrow(/either record or url/);
    expect(() => inspectActors({ record: 'a', url: 'ws://127.0.0.1:7080' })).toThrow(/either/);
  });
});
