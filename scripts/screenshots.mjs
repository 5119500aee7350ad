/**
 * Takes the screenshots of the docs: `npm run screenshots`. It runs a gate with the defaults of `ixgate serve`, clients on real sockets, and a real browser
 * with the page. Look at the pictures before you commit them.
 */
import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const load = async (path) =>
  (await runnerImport(join(root, path), { root, logLevel: 'error' })).module;
const [{ launchBrowser }, { createServer }, { openAdminPort }, { SessionFeed }, { wrongServer }] =
  await Promise.all([
    load('test/support/browser.ts'),
    load('adapters/server/index.ts'),
    load('adapters/admin/admin-port.ts'),
    load('adapters/feed/index.ts'),
    load('test/viz/learned-machine.ts'),
  ]);

const folder = join(root, 'docs/screenshots');
/** Maximum size of a picture in bytes. */
const most = 300_000;

const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
const gate = await createServer({
  listen: ['tcp://127.0.0.1:0'],
  ...delays,
  validator: ({ clientName }) =>
    clientName.startsWith('kiosk') ? { valid: false, reason: 'unknown name' } : true,
  onMessage: ({ reply }) => void reply.ack(),
});
const feed = new SessionFeed(gate, { gate: 'ixgate 0.1.0', delays });
const admin = await openAdminPort(gate, {
  listen: 'http://127.0.0.1:0',
  upgrades: { '/feed': feed },
});
const sockets = [];
const browser = await launchBrowser();
try {
  await mkdir(folder, { recursive: true });
  await sessions();
  await figures();
  await simulator();
  await learned();
} finally {
  await browser.close();
  for (const socket of sockets) socket.destroy();
  await gate.close();
  await admin.close();
}

async function sessions() {
  for (let desk = 11; desk <= 16; desk += 1) await say(register(`desk-${desk}`), login(2));
  await say(register('chat-bridge', 'MediaServer'));
  await say(login(1));
  await say(register('router-2', 'RoutingEngine'), login(2));
  (await say(register('desk-17'))).end();
  await say('hello');
  await say(register('desk-18', 'Desk'), register('desk-18'));
  await say(register('kiosk-4'), login(2));
  const page = await open('#figure=2c');
  await page.getByText('live, step 5 of 5').waitFor();
  await shot(page, 'sessions');
}

async function figures() {
  const page = await open('#tab=figures&figure=2a');
  await page.getByRole('radio', { name: 'instant' }).check();
  const card = page.getByRole('article').filter({ hasText: 'Figure 2a' });
  await card.getByRole('button', { name: 'Play', exact: true }).click();
  await card.getByText('Passed.').waitFor();
  await card.scrollIntoViewIfNeeded();
  await shot(page, 'figures');
}

async function simulator() {
  const page = await open('#tab=simulator&theme=dark');
  const press = (name) => page.getByRole('button', { name }).first().click();
  await press('connect');
  await press('RequestRegisterClient');
  await press('EventError');
  await press('+1 s');
  await shot(page, 'simulator');
}

async function learned() {
  const page = await open('');
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open recording' }).click();
  await (await choosing).setFiles({
    name: 'learned.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(wrongServer)),
  });
  await page.locator('.learned-chart .chart-state').first().waitFor();
  await page.getByRole('button', { name: /^other in awaiting/ }).click();
  await page.getByLabel('Shortest session').waitFor();
  await shot(page, 'learned');
}

async function open(hash) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 810 },
    reducedMotion: 'reduce',
  });
  await page.goto(`${admin.url}/${hash}`);
  await page.locator('.page-chart svg').first().waitFor();
  return page;
}

async function shot(page, name) {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  const { size } = await stat(path);
  console.log(`docs/screenshots/${name}.png  ${Math.round(size / 1024)} KB`);
  if (size > most) throw new Error(`${name}.png has ${size} bytes; at most ${most}`);
  await page.close();
}

/** A client that sends these messages in order, each after the answer to the previous one. */
async function say(...messages) {
  const socket = connect(gate.endpoints[0].port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const message of messages) {
    socket.write(typeof message === 'string' ? `${message}\n` : `${JSON.stringify(message)}\n`);
    await once(socket, 'data');
  }
  return socket;
}

function register(clientName, clientType = 'AgentApplication') {
  return { messageName: 'RequestRegisterClient', referenceId: 1, clientName, clientType };
}

function login(referenceId) {
  return { messageName: 'RequestAgentLogin', referenceId, agentId: '1001' };
}
