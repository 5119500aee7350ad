import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer as createPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { freePort } from '../support/free-port.js';
import { diagnosed } from './diagnosed.js';

/** A server on a free port. */
async function listening(server: Server): Promise<AsyncDisposable & { port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** A port that takes no further connection, like one behind a firewall: its process sleeps, and its queue is full. */
async function deaf(): Promise<AsyncDisposable & { port: number }> {
  const script = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(child.stdout, 'data');
  const port = Number(text);
  const waiting = Array.from({ length: 8 }, () =>
    connect({ port, host: '127.0.0.1' }).on('error', () => {}),
  );
  await once(waiting[0] as Socket, 'connect');
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const service = (answer: RequestListener) => listening(createServer(answer));

async function findings(url: string, ...more: string[]) {
  const found = await diagnosed(['--validator', url, ...more]);
  return found.of('web-service').map(({ severity, text: told }) => `${severity}: ${told}`);
}

describe('The doctor asks the web service', () => {
  it('without credentials, without data of clients, and with a method that changes nothing', async () => {
    const asked: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string })[] = [];
    await using server = await service(async (request, response) => {
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body: await text(request) });
      response.writeHead(405).end();
    });
    const address = `127.0.0.1:${server.port}/check`;
    const found = await findings(`http://gate:password@${address}?key=secret`);
    expect(found).toEqual([expect.stringMatching(`^ok: http://${address} answers after`)]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'HEAD', url: '/check', body: '' });
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  });

  it('and fails when nothing listens, and when the name is unknown', async () => {
    const port = await freePort();
    expect(await findings(`http://127.0.0.1:${port}/`)).toEqual([
      `fail: 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
    ]);
    const [unknown] = await findings('https://service.invalid/');
    expect(unknown).toMatch(/^fail: the name service\.invalid cannot be resolved/);
  });

  it('and fails when it does not answer within the timeout of the gate', async () => {
    await using server = await service(() => {});
    const found = await findings(
      `http://127.0.0.1:${server.port}/`,
      '--validator-timeout',
      '500ms',
    );
    expect(found[0]).toContain('fail: ');
    expect(found[0]).toContain('does not answer within');
  });

  it('and tells a connection that is not accepted within that time from a slow answer', async () => {
    await using server = await deaf();
    const found = await diagnosed([
      ...['--validator', `http://127.0.0.1:${server.port}/`, '--validator-timeout', '300ms'],
    ]);
    expect(found.of('web-service')).toMatchObject([
      {
        severity: 'fail',
        text: expect.stringMatching(`^127.0.0.1:${server.port} cannot be reached within [0-9]`),
        fix: 'start the web service, or open the firewall',
      },
    ]);
  });

  it('and makes one connection', async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end());
    server.on('connection', () => {
      connections += 1;
    });
    await using listens = await listening(server);
    expect(await findings(`http://127.0.0.1:${listens.port}/`)).toHaveLength(1);
    expect(connections).toBe(1);
  });

  it('and warns when it takes more than half of that time', async () => {
    // It answers when half of the time is over, and not after a fixed time.
    await using server = await service((_request, response) => {
      const until = performance.now() + 520;
      const timer = setInterval(() => {
        if (performance.now() < until) return;
        clearInterval(timer);
        response.end();
      }, 5);
    });
    const found = await findings(`http://127.0.0.1:${server.port}/`, '--validator-timeout', '1s');
    expect(found[0]).toMatch(/^(warn: .* more than half of|fail: .* does not answer)/);
  });

  it('and warns of errors and of redirects, which the gate does not follow', async () => {
    let status = 503;
    await using server = await service((_request, response) => {
      response.writeHead(status, { location: 'https://other.example/' }).end();
    });
    const url = `http://127.0.0.1:${server.port}/`;
    expect((await findings(url))[0]).toMatch(/^warn: .* with HTTP 503$/);
    status = 302;
    expect((await findings(url))[0]).toMatch(/^warn: .* with a redirect \(HTTP 302\)/);
  });

  it('and fails for a certificate that the gate does not trust, and for a service without TLS', async () => {
    const { cert, key } = await selfSigned();
    await using secure = await listening(createSecure({ cert, key }, (_, answer) => answer.end()));
    const found = await diagnosed(['--validator', `https://127.0.0.1:${secure.port}/`]);
    expect(found.of('web-service')).toMatchObject([
      { severity: 'fail', fix: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
    ]);
    const greeting = createPlain((socket) => {
      // The client resets a connection that does not speak its protocol.
      socket
        .on('error', () => {})
        .resume()
        .end('hello\n');
    });
    await using plain = await listening(greeting);
    expect((await findings(`https://127.0.0.1:${plain.port}/`))[0]).toMatch(/^fail: /);
    expect((await findings(`http://127.0.0.1:${plain.port}/`))[0]).toMatch(/^fail: /);
  });
});
