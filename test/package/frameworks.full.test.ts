import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../adapters/server/index.js';
import manifest from '../../package.json' with { type: 'json' };
import { launchBrowser } from '../support/browser.js';
import { builtExample, serveFolder } from '../support/example-site.js';
import { runNode } from '../support/run-node.js';

/** What a service author writes first, in strict TypeScript without a cast: a gate in each framework, and a client. */
const sources = {
  'client.ts': `
import { createClient } from 'ixgate/client';

export async function visit(endpoint: string): Promise<unknown> {
  const client = createClient({ endpoints: endpoint, clientName: 'desk-1', clientType: 'AgentApplication' });
  await client.registered;
  const { agentId } = await client.request({ messageName: 'RequestAgentLogin', agentId: '1001' });
  await client.close();
  return agentId;
}
`,
  'plain.ts': `
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'ixgate/server';

export const gate = await createServer({
  validator: ({ clientName }) => clientName.startsWith('desk-'),
  onMessage: ({ message, reply }) => reply.ack({ agentId: message.agentId }),
});
export const server = createHttpServer((_request, response) => response.end('hello'));
gate.attach(server, { path: '/clients' });
server.listen(0, '127.0.0.1');
export const close = () => gate.close({ drainMs: 1_000 });
`,
  'express.ts': `
import express from 'express';
import { createAdmin } from 'ixgate/admin';
import { createServer } from 'ixgate/server';

const gate = await createServer({
  onMessage: ({ message, reply }) => reply.ack({ agentId: message.agentId }),
});
const admin = createAdmin(gate, { token: process.env.ADMIN_TOKEN });
const app = express().use(admin.handler);
export const server = app.listen(0, '127.0.0.1');
gate.attach(server, { path: '/clients' });
admin.attach(server);
export const close = async () => {
  await gate.close();
  admin.close();
};
`,
  'fastify.ts': `
import fastify from 'fastify';
import { gatePlugin } from 'ixgate/fastify';

const app = fastify();
await app.register(gatePlugin, {
  path: '/clients',
  gate: { onMessage: ({ message, reply }) => reply.ack({ agentId: message.agentId }) },
  admin: { token: process.env.ADMIN_TOKEN },
});
app.get('/sessions', () => app.gate.sessions());
await app.listen({ port: 0, host: '127.0.0.1' });
export const server = app.server;
export const close = () => app.close();
`,
  'nestjs.ts': `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { WireMessage } from 'ixgate';
import { GateAdapter } from 'ixgate/nestjs';
import { createServer } from 'ixgate/server';

@WebSocketGateway({ path: '/clients' })
class Agents {
  @SubscribeMessage('RequestAgentLogin')
  login(@MessageBody() { agentId }: WireMessage) {
    return { agentId };
  }
}

@Module({ providers: [Agents] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.useWebSocketAdapter(new GateAdapter(app, await createServer()));
await app.listen(0, '127.0.0.1');
export const server = app.getHttpServer();
export const close = () => app.close();
`,
} as const;

const services = ['plain', 'express', 'fastify', 'nestjs'] as const;

describe('the package in an empty folder, with frameworks and strict TypeScript', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-frameworks-'));
    const npm = (...args: string[]) =>
      promisify(execFile)('npm', args, { cwd: folder, maxBuffer: 2 ** 26 });
    const packed = await promisify(execFile)(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      { maxBuffer: 2 ** 26 },
    );
    const [{ filename }] = JSON.parse(packed.stdout);
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    const versions: Record<string, string> = manifest.devDependencies;
    const packages = [
      ...['fastify', 'express', '@types/express', '@types/node', 'reflect-metadata', 'rxjs'],
      ...['common', 'core', 'microservices', 'platform-express', 'websockets'].map(
        (part) => `@nestjs/${part}`,
      ),
    ].map((name) => `${name}@${versions[name]}`);
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
    await npm('install', ...quiet, join(folder, filename), ...packages);
    for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
    const compilerOptions = {
      ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
      ...{ target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable', 'DOM'], module: 'NodeNext' },
      ...{ types: ['node'], experimentalDecorators: true, skipLibCheck: true, outDir: 'out' },
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  }, 300_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('compiles, without a cast', async () => {
    const { code, stdout } = await runNode([
      resolve('node_modules/typescript/bin/tsc'),
      '-p',
      folder,
    ]);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  it.each(services)('registers the client of Node at the gate in %s', async (name) => {
    await writeFile(
      join(folder, 'try.mjs'),
      `import { visit } from './out/client.js';
       import { close, server } from './out/${name}.js';
       if (!server.listening) await new Promise((done) => server.once('listening', done));
       console.log(await visit(\`ws://127.0.0.1:\${server.address().port}/clients\`));
       await close();
       if (server.listening) server.close();`,
    );
    const env = { ADMIN_TOKEN: 'correct-horse-battery-staple' };
    const ran = await runNode(['try.mjs'], { cwd: folder, env });
    expect(ran).toEqual({ code: 0, stdout: '1001\n', stderr: '' });
  });

  it('registers the same client from a page that vite builds', async () => {
    await writeFile(
      join(folder, 'index.html'),
      `<!doctype html><title>page</title><body><script type="module">
         import { visit } from './client.ts';
         visit(new URLSearchParams(location.search).get('endpoint')).then((agentId) => {
           document.body.textContent = agentId;
         });
       </script></body>`,
    );
    await using gate = await createServer({
      listen: ['ws://127.0.0.1:0'],
      onMessage: ({ message, reply }) => void reply.ack({ agentId: message.agentId }),
    });
    const endpoint = `ws://127.0.0.1:${gate.endpoints[0]?.port}`;
    const { server, url } = await serveFolder(await builtExample(folder));
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${url}?endpoint=${encodeURIComponent(endpoint)}`);
      await page.getByText('1001', { exact: true }).waitFor();
    } finally {
      await browser.close();
      server.close();
    }
  });
});
