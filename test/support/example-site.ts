/** An example page, built by vite as its users build it, and served on 127.0.0.1. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { builtOnce } from './built-once.js';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Builds the page of an example's folder. */
export const builtExample = (root: string): Promise<string> =>
  builtOnce((folder) =>
    build({
      root,
      configFile: false,
      logLevel: 'warn',
      // Kilobytes: the layout engine of charts is large.
      build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 1_600 },
    }),
  )();

export interface Site {
  readonly server: Server;
  /** Ends with a slash. */
  readonly url: string;
}

/** Serves the files of a folder. */
export async function serveFolder(folder: string): Promise<Site> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    const content = await readFile(file).catch(() => null);
    response.writeHead(content ? 200 : 404, {
      'content-type': types[extname(file)] ?? 'text/plain',
    });
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/` };
}
