/** `ixgate/playwright` in projects of users, with the real runner and Chromium. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtPage } from '../../scripts/subpath-sizes.mjs';
import { ixgate } from '../cli/in-process.js';
import { browserOptions } from '../support/browser.js';
import { runNode } from '../support/run-node.js';
import { linesOf, project } from '../vitest/project.js';

const config = `
  import { defineConfig } from '@playwright/test';
  export default defineConfig({
    testDir: 'test', reporter: 'line', workers: 2, globalSetup: './inspector.setup.ts',
    use: { launchOptions: JSON.parse(process.env.LAUNCH_OPTIONS) },
  });
`;
const setup = `
  import { recordActors } from 'ixgate/playwright';
  export default recordActors({ record: 'actors.jsonl' });
`;
const light = `
  import { createMachine } from 'xstate';
  export const light = createMachine({
    id: 'light', initial: 'green',
    states: {
      green: { on: { NEXT: 'yellow' } },
      yellow: { on: { NEXT: 'red', BREAK: 'red' } },
      red: { on: { NEXT: 'green' } },
    },
  });
`;
/** The app: it does not know whether it is tested. */
const app = `
  import { createInspector } from 'ixgate/inspector';
  import { createActor, createMachine } from 'xstate';
  const { inspect } = createInspector();
  ${light.replace('export ', '').replace(/import .*/, '')}
  const actor = createActor(light, { inspect }).start();
  globalThis.go = (count) => {
    for (let sent = 0; sent < count; sent += 1) actor.send({ type: 'NEXT' });
    return actor.getSnapshot().value;
  };
`;
const spec = (title: string) => `
  import { test as base, expect } from '@playwright/test';
  import { readFileSync } from 'node:fs';
  import { inspectedPages } from 'ixgate/playwright';
  const test = base.extend(inspectedPages);
  test('${title}', async ({ page }) => {
    await page.route('http://127.0.0.1:5173/**', (route) => {
      const isScript = route.request().url().endsWith('.js');
      route.fulfill(isScript
        ? { contentType: 'text/javascript', body: readFileSync('app.js', 'utf8') }
        : { contentType: 'text/html', body: '<script type="module" src="/app.js"></script>' });
    });
    await page.goto('http://127.0.0.1:5173/');
    await page.waitForFunction(() => globalThis.go !== undefined);
    expect(await page.evaluate(() => globalThis.go(3_001))).toBe('yellow');
  });
`;

async function ran(files: Readonly<Record<string, string>>) {
  const user = await project(['@playwright/test'], {
    'app.js': (await builtPage(app)).code,
    'src/light.ts': light,
    ...files,
  });
  const result = await runNode([resolve('node_modules/@playwright/test/cli.js'), 'test'], {
    cwd: user.path,
    env: { LAUNCH_OPTIONS: JSON.stringify(await browserOptions()) },
  });
  return { user, ...result };
}

describe('ixgate/playwright', () => {
  it('records every message of the pages of each test, for ixgate coverage', async () => {
    const { user, code, stdout, stderr } = await ran({
      'playwright.config.ts': config,
      'inspector.setup.ts': setup,
      'test/one.spec.ts': spec('one'),
      'test/two.spec.ts': spec('two'),
    });
    await using _folder = user;
    expect(`${stdout}${stderr}`).toContain('2 passed');
    expect(code).toBe(0);
    const lines = await linesOf(user.file('actors.jsonl'));
    const apps = lines.filter(({ connected }) => connected === true);
    expect(apps.map(({ name }) => name).sort()).toEqual(['one.spec.ts > one', 'two.spec.ts > two']);
    for (const { app: id } of apps) {
      const own = lines.filter((line) => line.app === id && line.message);
      // The actor, its start, and an event and a snapshot for each event.
      expect(own.length).toBe(3 + 2 * 3_001);
    }
    const { code: low } = await ixgate([
      'coverage',
      '--machine',
      user.file('src/light.ts'),
      user.file('actors.jsonl'),
      '--min-transitions',
      '80',
    ]);
    expect(low).toBe(6);
  }, 240_000);

  it('leaves the pages alone when no inspector is there', async () => {
    const { user, code, stdout, stderr } = await ran({
      'playwright.config.ts': config.replace("globalSetup: './inspector.setup.ts',", ''),
      'test/one.spec.ts': spec('one'),
    });
    await using _folder = user;
    expect(`${stdout}${stderr}`).toContain('1 passed');
    expect(code).toBe(0);
  }, 240_000);
});
