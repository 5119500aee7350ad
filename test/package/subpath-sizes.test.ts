import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { builtPage, subpathSizes, tableIn } from '../../scripts/subpath-sizes.mjs';

/** The part by which a measured number may differ from the documented one. */
const tolerance = 0.1;

describe('the sizes of the subpaths', () => {
  it('are those in docs/embed.md, at most 10 % more or less (npm run sizes)', async () => {
    const table = tableIn(await readFile('docs/embed.md', 'utf8'));
    const documented = table.split('\n').slice(2).map(cellsOf);
    const measured = await subpathSizes();
    expect(documented.map(([name]) => name)).toEqual(measured.map(({ name }) => `\`${name}\``));
    for (const [index, { name, files, kB, packages, page }] of measured.entries()) {
      const [, statedFiles, statedKB, statedPackages, statedPage] = documented[index] ?? [];
      expectNear(`files of ${name}`, files, statedFiles);
      expectNear(`kB of ${name}`, kB, statedKB);
      expect(statedPackages, name).toBe(packages.join(', ') || '-');
      if (page === null) expect(statedPage, name).toBe('-');
      else expectNear(`kB of ${name} in a page`, page, statedPage);
    }
  });

  it('hold no checker, no explorer and no valibot where only the chart is imported', async () => {
    const { gzip, modules } = await builtPage(
      `import { registrationMachine } from 'ixgate/machines'; globalThis.chart = registrationMachine;`,
    );
    const own = modules.filter((id) => id.includes('/dist/machines/'));
    expect(own.map((id) => id.replace(/.*\/dist\/machines\//, '')).sort()).toEqual([
      'registration/chart/registration.js',
      'registration/chart/seat.js',
    ]);
    expect(modules.filter((id) => id.includes('valibot'))).toEqual([]);
    expect(gzip).toBeLessThan(16_000);
  });
});

describe('a page with the client', () => {
  it('is at most 20 kB with gzip, everything included, and has nothing of Node and no XState', async () => {
    const { gzip, modules } = await builtPage(`
      import { createClient } from 'ixgate/client';
      createClient({ endpoints: 'ws://127.0.0.1:7005', clientName: 'page', clientType: 'Proxy' });`);
    expect(gzip).toBeLessThanOrEqual(20_000);
    expect(modules.some((id) => id.endsWith('/dist/adapters/client/web-socket.js'))).toBe(true);
    expect(modules.filter((id) => /browser-external|node_modules/.test(id))).toEqual([]);
  });
});

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function expectNear(what: string, measured: number, stated: string | undefined): void {
  const off = Math.abs(measured - Number(stated));
  expect(off, `${what}: ${measured} instead of ${stated}`).toBeLessThanOrEqual(
    Math.max(1, Number(stated) * tolerance),
  );
}
