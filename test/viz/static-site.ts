import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** A web server for files only, with a folder under its own path. */
export async function staticSite(
  folder: string,
  under: string,
): Promise<AsyncDisposable & { readonly url: string; readonly missed: readonly string[] }> {
  const missed: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.startsWith(under) ? pathname.slice(under.length) || 'index.html' : null;
    const content = path && (await readFile(join(folder, normalize(path))).catch(() => null));
    if (!content) missed.push(pathname);
    response.writeHead(content ? 200 : 404, { 'content-type': types[extname(path ?? '')] ?? '' });
    response.end(content ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${under}`,
    missed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
