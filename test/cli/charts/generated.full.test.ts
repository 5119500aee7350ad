/** Generated test files of charts, run as they are by vitest and Playwright in projects of their users. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserOptions } from '../../support/browser.js';
import { temporaryFolder } from '../../support/folder.js';
import { runNode } from '../../support/run-node.js';
import { ixgate } from '../in-process.js';

/** A project with the example charts in `src`, and the packages that it has installed. */
async function project(packages: readonly string[]) {
  const folder = await temporaryFolder();
  const modules = join(folder.path, 'node_modules');
  await mkdir(modules);
  await symlink(resolve('.'), join(modules, 'ixgate'));
  for (const name of ['xstate', ...packages]) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(resolve('node_modules', name), join(modules, name));
  }
  await cp('examples/charts', join(folder.path, 'src'), { recursive: true });
  return { ...folder, file: (name: string) => join(folder.path, name) };
}

async function generate(folder: string, machine: string, ...more: readonly string[]) {
  const args = ['--machine', join(folder, 'src', `${machine}.ts`), '--out', join(folder, 'test')];
  const { code, stdout, stderr } = await ixgate(['generate', ...args, ...more]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

const vitest = (folder: string) =>
  runNode([resolve('node_modules/vitest/vitest.mjs'), 'run'], { cwd: folder });

describe('a generated vitest file', () => {
  it('passes for each example of the documentation', async () => {
    await using user = await project(['vitest']);
    for (const machine of ['toggle', 'traffic-light', 'fetch-with-retry', 'multi-step-form']) {
      await generate(user.path, machine, '--format', 'vitest');
    }
    const some = ['--format', 'vitest', '--criterion', 'random:40'];
    await generate(user.path, 'tic-tac-toe', ...some);
    const { code, stdout } = await vitest(user.path);
    expect(stdout).toMatch(/Test Files {2}5 passed/);
    expect(code).toBe(0);
  }, 120_000);

  it('fails for a chart that was changed, and shows the first difference', async () => {
    await using user = await project(['vitest']);
    await generate(user.path, 'traffic-light', '--format', 'vitest');
    const file = user.file('src/traffic-light.ts');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace("POWER_ON: 'red'", "POWER_ON: 'green'"));
    const { code, stdout, stderr } = await vitest(user.path);
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toContain(
      'POWER_ON after POWER_OFF, POWER_OFF, silence: expected "in red.walk", observed "in green"',
    );
  }, 120_000);

  it('tests the system of --system, with its options', async () => {
    await using user = await project(['vitest']);
    await writeFile(
      user.file('src/lamp.ts'),
      `export default (model) => ({
         start() {
           let state = 'inactive';
           return {
             take(input) {
               if (input !== 'TOGGLE') throw new Error('only TOGGLE was expected of ' + model.inputs);
               state = state === 'active' ? 'inactive' : 'active';
               return 'in ' + state;
             },
           };
         },
       });\n`,
    );
    const more = ['--format', 'vitest', '--criterion', 'w1', '--outputs', 'value'];
    await generate(user.path, 'toggle', ...more, '--system', user.file('src/lamp.ts'));
    const { code, stdout } = await vitest(user.path);
    expect(stdout).toMatch(/Test Files {2}1 passed/);
    expect(code).toBe(0);
  }, 120_000);
});

const config = `
import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: 'test', reporter: 'line', workers: 1,
  use: { launchOptions: JSON.parse(process.env.LAUNCH_OPTIONS) },
});`;

/** A page with one button; a click on a broken one has no effect the second time. */
const page = (isBroken: boolean) => `
const html = \`<button>power</button> <p id="state">inactive</p><script>
  const state = document.querySelector('#state');
  let clicks = 0;
  document.querySelector('button').onclick = () => {
    clicks += 1;
    if (${isBroken} && clicks === 2) return;
    state.textContent = state.textContent === 'active' ? 'inactive' : 'active';
  };
</script>\`;
export default (page) => ({
  async start() {
    await page.setContent(html);
    return {
      async take(input) {
        await page.getByRole('button', { name: 'power' }).click();
        return 'in ' + (await page.locator('#state').textContent());
      },
    };
  },
});`;

describe('a generated Playwright file', () => {
  it.each([
    ['passes for a page that does what the chart does', false, 0, /\d+ passed/],
    [
      'fails for another page',
      true,
      1,
      /TOGGLE after TOGGLE: expected "in inactive", observed "in active"/,
    ],
  ])(
    '%s',
    async (_what, isBroken, expected, told) => {
      await using user = await project(['@playwright/test', 'playwright', 'playwright-core']);
      await writeFile(user.file('package.json'), '{"type":"module"}');
      await writeFile(user.file('playwright.config.ts'), config);
      await writeFile(user.file('src/page.ts'), page(isBroken));
      const more = ['--format', 'playwright', '--criterion', 'w0', '--outputs', 'value'];
      await generate(user.path, 'toggle', ...more, '--system', user.file('src/page.ts'));
      const playwright = resolve('node_modules/@playwright/test/cli.js');
      const { code, stdout, stderr } = await runNode([playwright, 'test'], {
        cwd: user.path,
        env: { LAUNCH_OPTIONS: JSON.stringify(await browserOptions()) },
      });
      expect(`${stdout}${stderr}`).toMatch(told);
      expect(code).toBe(expected);
    },
    120_000,
  );
});

describe('the table of mutants in the docs', () => {
  it('has what ixgate mutate measures', async () => {
    const [, table = ''] = (await readFile('docs/charts-testing.md', 'utf8')).split(
      /<!-- \/?chart-mutants -->/,
    );
    const rows = table.trim().split('\n').slice(2);
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      const [chart = '', states, mutants, ...killed] = row
        .split('|')
        .slice(1, -1)
        .map((one) => one.trim());
      const args = ['--machine', `examples/charts/${chart}.ts`, '--json'];
      const criteria = ['states', 'transitions', 'pairs', 'w0'];
      const { stdout } = await ixgate([
        'mutate',
        ...args,
        ...criteria.flatMap((one) => ['--criterion', one]),
      ]);
      const [head, ...measured] = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect([head.states, head.differing.all].map(String), chart).toEqual([states, mutants]);
      expect(
        measured.map((one) => String(one.killed.all)),
        chart,
      ).toEqual(killed);
      // w0 kills what the W-method guarantees.
      expect(measured.at(-1).killed.w0, chart).toBe(head.differing.w0);
    }
  }, 240_000);
});
