import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, plainText } from './answer.js';

/** Where the build puts the page: beside this file's folder when it is built itself, else under dist. */
export const builtPage = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/viz/' : '../../viz/', import.meta.url),
);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Nothing from elsewhere and no script in the text of the page. WebSockets may go elsewhere: it can open other services. */
const contentSecurity = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names of letters, digits, `-`, `_` and `.`, none of which begins with a dot: no path leads out of the folder. */
const plainPath = /^(\/[\w-][\w.-]*)+$/;
const packed = /\.(html|js|css|json|svg|txt)$/;

/** The files of the built page, read when they are asked for, so that a new build is served at once. */
export class PageFiles {
  readonly #folder: string;
  /** Files as gzip, by path; made anew when the file has changed. */
  readonly #packed = new Map<string, { readonly mark: string; readonly bytes: Uint8Array }>();

  constructor(folder: string = builtPage) {
    this.#folder = folder;
  }

  /** The page itself; says what to do when it was not built. */
  async index(request: IncomingMessage): Promise<Answer> {
    const found = await this.find('/index.html', request);
    if (found) return found;
    return plainText(
      503,
      'The page was not built. Run "npm run build" in the folder of ixgate, then load this again.\nWhat else there is: /help\n',
    );
  }

  /** The file of a path, or null. */
  async find(path: string, { headers }: IncomingMessage): Promise<Answer | null> {
    const type = types[extname(path)];
    if (!plainPath.test(path) || type === undefined) return null;
    const file = join(this.#folder, path);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch {
      return null;
    }
    const known = {
      'content-type': type,
      // Names under assets/ change with what is in them.
      'cache-control': path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      ...(type.startsWith('text/html') && { 'content-security-policy': contentSecurity }),
    };
    if (!packed.test(path)) return { status: 200, headers: known, body: bytes };
    const varying = { ...known, vary: 'accept, accept-encoding' };
    if (!/\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))) {
      return { status: 200, headers: varying, body: bytes };
    }
    const body = await this.#pack(file, bytes);
    return { status: 200, headers: { ...varying, 'content-encoding': 'gzip' }, body };
  }

  async #pack(file: string, bytes: Uint8Array): Promise<Uint8Array> {
    const { mtimeMs, size } = await stat(file);
    const mark = `${mtimeMs} ${size}`;
    const before = this.#packed.get(file);
    if (before?.mark === mark) return before.bytes;
    const made = await promisify(gzip)(bytes);
    this.#packed.set(file, { mark, bytes: made });
    return made;
  }
}
