import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, plainText } from './answer.js';
import type { WebRequest } from './web-request.js';

/** The folder of the built page, relative to this file: built or as source. */
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

/** No resources of other origins and no inline scripts. WebSockets may go anywhere: the page can watch other services. */
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

/** Names of letters, digits, `-`, `_` and `.` that do not begin with a dot: paths cannot leave the folder. */
const plainPath = /^(\/[\w-][\w.-]*)+$/;
const packed = /\.(html|js|css|json|svg|txt)$/;

/** A cached file with the mark of its version. */
interface Kept {
  readonly mark: string;
  readonly bytes: Promise<Uint8Array>;
  /** The gzipped content; made for the first request that accepts it. */
  packed: Promise<Uint8Array> | null;
}

/** A page that other pages may show in a frame. @param sources their origins, as in `frame-ancestors` */
export function framableBy(page: Answer, sources: string): Answer {
  const security = page.headers['content-security-policy'];
  if (security === undefined) return page;
  const headers = {
    ...page.headers,
    'content-security-policy': security.replace(
      "frame-ancestors 'none'",
      `frame-ancestors ${sources}`,
    ),
  };
  return { ...page, headers, isFramable: true };
}

/** The files of the built page. Each is cached and reloaded when it changes, so that a new build is served immediately. */
export class PageFiles {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();

  constructor(folder: string = builtPage) {
    this.#folder = folder;
  }

  /** The page; a hint when it was not built. */
  async index(request: WebRequest, name = 'index.html'): Promise<Answer> {
    const found = await this.find(`/${name}`, request);
    if (found) return found;
    return plainText(
      503,
      'The page was not built. Run "npm run build" in the folder of ixgate, then reload.\nOther pages: /help\n',
    );
  }

  /** The file of a path, or null. */
  async find(path: string, { headers }: WebRequest): Promise<Answer | null> {
    const type = types[extname(path)];
    if (!plainPath.test(path) || type === undefined) return null;
    const isPacked = packed.test(path) && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
    const body = await this.#read(join(this.#folder, path), isPacked);
    if (!body) return null;
    const known = {
      'content-type': type,
      // Names under assets/ contain a hash of the content.
      'cache-control': path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      ...(type.startsWith('text/html') && { 'content-security-policy': contentSecurity }),
      ...(packed.test(path) && { vary: 'accept, accept-encoding' }),
      ...(isPacked && { 'content-encoding': 'gzip' }),
    };
    return { status: 200, headers: known, body };
  }

  async #read(file: string, isPacked: boolean): Promise<Uint8Array | null> {
    try {
      const { mtimeMs, size } = await stat(file);
      const mark = `${mtimeMs} ${size}`;
      let kept = this.#kept.get(file);
      if (kept?.mark !== mark) {
        kept = { mark, bytes: readFile(file), packed: null };
        this.#kept.set(file, kept);
      }
      if (!isPacked) return await kept.bytes;
      kept.packed ??= kept.bytes.then((bytes) => promisify(gzip)(bytes));
      return await kept.packed;
    } catch {
      this.#kept.delete(file);
      return null;
    }
  }
}
