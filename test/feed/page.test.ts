import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openAdminPort } from '../../adapters/admin/admin-port.js';
import { createServer } from '../../adapters/server/index.js';
import { openPageServer, reportOf } from '../../adapters/web/index.js';
import { figures, playFigureOnChart, recordingText } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';

/** Asks for a path as it stands: fetch would tidy it. */
async function ask(url: string, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(url);
  const request = httpRequest({ hostname, port, path, headers, agent: false }).end();
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string>,
    body,
    text: body.toString(),
  };
}

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** A folder like the output of the page's build, inside a folder that must not be served. */
async function builtPage() {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'viz');
  await mkdir(join(path, 'assets'), { recursive: true });
  await writeFile(join(path, 'index.html'), '<!doctype html><title>ixgate</title>');
  await writeFile(
    join(path, 'assets/index-1a2b.js'),
    `console.log(${JSON.stringify('x'.repeat(900))})`,
  );
  await writeFile(join(path, 'assets/index-1a2b.css'), 'body{}');
  await writeFile(join(path, 'recordings.json'), '{"gate":false,"recordings":[]}');
  await writeFile(join(path, '.stamp'), 'secret');
  await writeFile(join(folder.path, 'secret.json'), '{"secret":true}');
  return { ...folder, path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function adminWith(page: string) {
  const gate = await createServer();
  const admin = await openAdminPort(gate, { listen: 'http://127.0.0.1:0', page });
  return {
    url: admin.url,
    async [Symbol.asyncDispose]() {
      await admin.close();
      await gate.close();
    },
  };
}

describe('the page', () => {
  test('is served to browsers, and nothing in it may load anything from elsewhere', async () => {
    await using page = await builtPage();
    await using it = await adminWith(page.path);
    const answer = await ask(it.url, '/', browser);
    expect(answer).toMatchObject({ status: 200, text: '<!doctype html><title>ixgate</title>' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      vary: 'accept, accept-encoding',
    });
    const policy = answer.headers['content-security-policy'];
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/script-src|unsafe-eval|https?:/);
  });

  test('has its files with their types, kept for good where the name changes with them', async () => {
    await using page = await builtPage();
    await using it = await adminWith(page.path);
    const script = await ask(it.url, '/assets/index-1a2b.js?x');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const style = await ask(it.url, '/assets/index-1a2b.css');
    expect(style.headers['content-type']).toBe('text/css; charset=utf-8');
  });

  test('is compressed for browsers that accept gzip, and read again after a new build', async () => {
    await using page = await builtPage();
    await using it = await adminWith(page.path);
    const zipped = () => ask(it.url, '/assets/index-1a2b.js', { 'accept-encoding': 'gzip, br' });
    const plain = await ask(it.url, '/assets/index-1a2b.js');
    const small = await zipped();
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(small.body.length).toBeLessThan(plain.body.length / 5);
    expect(gunzipSync(small.body)).toEqual(plain.body);
    await writeFile(join(page.path, 'assets/index-1a2b.js'), 'another()');
    expect(gunzipSync((await zipped()).body).toString()).toBe('another()');
  });

  test('tells that there is a feed only where there is one', async () => {
    await using page = await builtPage();
    await using it = await adminWith(page.path);
    expect(JSON.parse((await ask(it.url, '/recordings.json')).text)).toEqual({
      gate: false,
      access: 'granted',
      isSignedIn: false,
      recordings: [],
    });
    expect((await ask(it.url, '/feed')).status).toBe(404);
  });

  test('that was not built: the answer names the command that builds it', async () => {
    await using folder = await temporaryFolder();
    await using it = await adminWith(folder.path);
    const answer = await ask(it.url, '/', browser);
    expect(answer).toMatchObject({
      status: 503,
      text: 'The page was not built. Run "npm run build" in the folder of ixgate, then reload.\nOther pages: /help\n',
    });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect((await ask(it.url, '/healthz')).status).toBe(200);
  });

  test('is all there is: no path leads out of its folder, and no hidden file is shown', async () => {
    await using page = await builtPage();
    await using it = await adminWith(page.path);
    for (const path of [
      '/../secret.json',
      '/assets/../../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '/..\\secret.json',
      '/assets/..%5c..%5csecret.json',
      '/.stamp',
      '/./index.html',
      '//index.html',
      '/assets//index-1a2b.js',
      '/assets/',
      '/assets',
      '/index.html%00.js',
      `/${page.path}/../secret.json`,
      '/__proto__',
      '/nothing.js',
    ]) {
      const answer = await ask(it.url, path);
      expect([answer.status, answer.text.includes('secret":true')], path).toEqual([404, false]);
    }
  });
});

describe('the page alone', () => {
  const { steps } = playFigureOnChart(figures[1] ?? never());

  function never(): never {
    throw new Error('there is none');
  }

  test('has the recordings that it was given, read when they are asked for', async () => {
    await using page = await builtPage();
    const path = join(page.path, 'one.jsonl');
    await writeFile(path, recordingText(steps));
    const recordings = [{ path, steps, torn: false, gaps: [] }];
    await using server = await openPageServer({ page: page.path, recordings });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(JSON.parse((await ask(server.url, '/recordings.json')).text)).toEqual({
      gate: false,
      recordings: [{ name: 'one.jsonl', path: '/recordings/1', steps: steps.length, sessions: 1 }],
    });
    expect((await ask(server.url, '/recordings/1')).text).toBe(recordingText(steps));
    await writeFile(path, recordingText(steps.slice(0, 2)));
    expect((await ask(server.url, '/recordings/1')).text).toBe(recordingText(steps.slice(0, 2)));
    await rm(path);
    expect((await ask(server.url, '/recordings/1')).status).toBe(404);
    for (const wrong of ['/recordings/2', '/recordings/0', '/recordings/1x', '/recordings/']) {
      expect((await ask(server.url, wrong)).status, wrong).toBe(404);
    }
    expect((await ask(server.url, '/', browser)).text).toContain('<title>ixgate</title>');
    expect((await ask(server.url, '/healthz')).status).toBe(404);
  });

  test('answers only what is addressed to this machine, and only reading', async () => {
    await using page = await builtPage();
    await using server = await openPageServer({ page: page.path });
    expect((await ask(server.url, '/', { host: 'evil.example' })).status).toBe(403);
    const post = await fetch(server.url, { method: 'POST' });
    expect(post.status).toBe(405);
  });
});

describe('a report', () => {
  test('holds the session in the page, and what a client said cannot get out of it', async () => {
    await using page = await builtPage();
    const template =
      '<html><script type="application/json" id="ixgate-report"></script><script type="module">start()</script></html>';
    await writeFile(join(page.path, 'report.html'), template);
    const said = '</script><script>alert(1)</script><!-- $& $1 \u2028';
    const steps = playFigureOnChart(figures[1] ?? (figures[0] as never)).steps.map((step) => ({
      ...step,
      payload: step.payload && { ...step.payload, clientName: said },
    }));
    const html = await reportOf(steps, [], page.path);
    const [, data = ''] = /id="ixgate-report">([^<]*)<\/script>/.exec(html) ?? [];
    expect(JSON.parse(data)).toEqual({ steps });
    expect(data).not.toContain('<');
    expect(html).toBe(template.replace('></script>', () => `>${data}</script>`));
  });

  test('needs the page to be built', async () => {
    await using folder = await temporaryFolder();
    await symlink('/nowhere', join(folder.path, 'report.html'));
    await expect(reportOf([], [], folder.path)).rejects.toThrow(
      'the page was not built; run "npm run build" in the folder of ixgate first',
    );
  });
});
