/** A gate with a unix socket of live control, and `ixgate ctl` against it. */
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { ixgate, serving } from '../cli/in-process.js';
import { temporaryFolder } from './folder.js';

export interface ControlAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
  /** The body as JSON. */
  readonly value: Record<string, unknown>;
}

export interface ControlAsk {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** One HTTP request, to a unix socket or to an address. */
export function askHttp(
  where: { readonly socketPath: string } | { readonly url: string },
  path: string,
  { method = 'GET', headers = {}, body }: ControlAsk = {},
): Promise<ControlAnswer> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    // Node sends no length for the body of a DELETE by itself.
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const options = { method, headers: { ...length, ...headers }, agent: false } as const;
    const request =
      'url' in where
        ? httpRequest(where.url + path, options)
        : httpRequest({ ...where, path, ...options });
    request.on('error', reject);
    request.on('response', async (response) => {
      let received = '';
      for await (const chunk of response.setEncoding('utf8')) received += chunk;
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: received,
        value: (response.headers['content-type']?.includes('json')
          ? JSON.parse(received)
          : null) as Record<string, unknown>,
      });
    });
    request.end(text);
  });
}

/** A gate in this process; its folder is that of the command. */
export async function controlled(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder();
  const socketPath = join(folder.path, 'ctl');
  const control = `unix://${socketPath}`;
  // A busy machine is not what these tests are about.
  const own = ['--control', control, '--max-lag', '10s'];
  const gate = await serving([...own, ...args], { cwd: folder.path, env });
  return {
    gate,
    folder: folder.path,
    socketPath,
    control,
    /** Runs `ixgate ctl` against the gate. */
    ctl: (...words: string[]) => ixgate(['ctl', ...words, '--control', control]),
    /** The answer of `ixgate ctl --json`, or its error. */
    async json(...words: string[]): Promise<Record<string, unknown>> {
      const args = ['ctl', ...words, '--json', '--control', control];
      const { stdout, stderr } = await ixgate(args);
      return JSON.parse(stdout || stderr) as Record<string, unknown>;
    },
    ask: (path: string, what?: ControlAsk) => askHttp({ socketPath }, path, what),
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
