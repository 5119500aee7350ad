import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { expect, it } from 'vitest';

/** The modules and the bytes of a page that vite builds from one statement. */
async function built(code: string) {
  const entry = '\0page';
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? entry : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
    build: { write: false, rolldownOptions: { input: 'page' } },
  })) as Rollup.RollupOutput;
  const chunks = output.filter((one) => one.type === 'chunk');
  return {
    gzip: chunks.reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0),
    modules: chunks.flatMap((chunk) => Object.keys(chunk.modules)),
  };
}

it('a page with the client is at most 20 kB with gzip, everything included, and has nothing of Node', async () => {
  const { gzip, modules } = await built(`
    import { createClient } from 'ixgate/client';
    createClient({ endpoints: 'ws://127.0.0.1:7005', clientName: 'page', clientType: 'Proxy' });`);
  expect(gzip).toBeLessThanOrEqual(20_000);
  expect(
    modules.filter((id) => id.includes('ixgate') || id.includes('dist')).length,
  ).toBeGreaterThan(10);
  expect(modules.filter((id) => /__vite-browser-external|node_modules\/(?!vite)/.test(id))).toEqual(
    [],
  );
});
