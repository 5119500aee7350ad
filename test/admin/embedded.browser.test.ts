import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAdmin } from '../../adapters/admin/index.js';
import { createServer } from '../../adapters/server/index.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { openBrowser } from '../support/shared-browser.js';

const token = 'correct-horse-battery-staple';
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

it('The page inside an Express service signs in and shows sessions live, below its base and without its slash', async () => {
  await using gate = await createServer({ listen: ['tcp://127.0.0.1:0'] });
  await using admin = createAdmin(gate, { token, base: '/ops/gate' });
  const app = express();
  app.use(admin.handler);
  const server = createHttpServer(app).listen(0, '127.0.0.1');
  admin.attach(server);
  await once(server, 'listening');
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ops/gate`;
    await page.goto(url);
    expect(page.url()).toContain(`${url}/`);
    await page.getByLabel('Token of the gate').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('live from ixgate').waitFor();
    await using client = await lineClient(gate.endpoints[0]?.port ?? 0);
    await client.ask(registerRequest({ clientName: 'desk-77' }));
    await page.getByText('desk-77').first().waitFor();
    // The cookie is for this folder only.
    const [cookie] = await context.cookies(`${url}/`);
    expect(cookie?.path).toBe('/ops/gate');
  } finally {
    await context.close();
    server.close();
  }
});
