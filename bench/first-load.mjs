/**
 * Time from an empty browser to a drawn chart: `npm run bench:page`. A real gate with one session serves the built page
 * (`npm run build` first) to a real browser; every load has an empty cache. The baseline, measured alternately, is an empty page
 * of the same gate (/healthz): the cost of browser and gate without the page.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const rounds = 9;
const root = fileURLToPath(new URL('..', import.meta.url));
const load = async (path) =>
  (await runnerImport(join(root, path), { root, logLevel: 'error' })).module;
const [{ launchBrowser }, { createServer }, { openAdminPort }, { SessionFeed }] = await Promise.all(
  [
    load('test/support/browser.ts'),
    load('adapters/server/index.ts'),
    load('adapters/admin/admin-port.ts'),
    load('adapters/feed/index.ts'),
  ],
);

const delays = { registrationTimeout: 60_000, rejectionTimeout: 30_000 };
const gate = await createServer({ listen: ['tcp://127.0.0.1:0'], ...delays });
const feed = new SessionFeed(gate, { gate: 'ixgate bench', delays });
const admin = await openAdminPort(gate, {
  listen: 'http://127.0.0.1:0',
  upgrades: { '/feed': feed },
});
const client = connect(gate.endpoints[0].port, '127.0.0.1');
await once(client, 'connect');
client.write(
  '{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk-1","clientType":"AgentApplication"}\n',
);
await once(client, 'data');
const browser = await launchBrowser();
const times = { page: [], empty: [] };
try {
  // The first load includes the start of the browser; it is not counted.
  for (let round = -1; round < rounds; round += 1) {
    const page = await timed('/', '.chart [data-active="true"]');
    const empty = await timed('/healthz', 'body');
    if (round < 0) continue;
    times.page.push(page);
    times.empty.push(empty);
  }
} finally {
  await browser.close();
  client.destroy();
  await gate.close();
  await admin.close();
}

/** Milliseconds from navigation until `drawn` is on the page, in a separate browser context. */
async function timed(path, drawn) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  const start = performance.now();
  await page.goto(new URL(path, admin.url).href, { waitUntil: 'commit' });
  await page.locator(drawn).first().waitFor();
  const elapsed = performance.now() - start;
  await context.close();
  return elapsed;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const told = (name, values) =>
  `${name.padEnd(24)} median ${median(values).toFixed(0)} ms, ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
console.log(`Node ${process.version}, ${cpus().length} cores, ${rounds} rounds, empty cache`);
console.log(told('page with a lit chart', times.page));
console.log(told('empty page, same gate', times.empty));
console.log(`ratio ${(median(times.page) / median(times.empty)).toFixed(1)}`);
