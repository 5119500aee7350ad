import { chmod, lstat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { parseEndpoint } from '../net/transports/endpoint.js';
import { pipePath, removeStale } from '../net/transports/listen-address.js';
import { IxgateError } from '../runtime/errors.js';
import { ListenError } from '../server/index.js';
import { errorAnswer } from '../web/answer.js';
import { Connections } from '../web/connections.js';
import type { Caller, ControlApi } from './control-api.js';
import { statedUser, userHeader } from './stated-user.js';

/** Another gate uses the socket of live control. */
export class ControlInUseError extends IxgateError {
  override readonly name = 'ControlInUseError';
  constructor(url: string) {
    super(
      'CONTROL_IN_USE',
      `another gate is controlled through ${url}. Stop it, or choose another path with --control`,
    );
  }
}

const maxConnections = 32;
/** Milliseconds for a connection to send a request. */
const requestDeadline = 5_000;
/** Milliseconds for answers in progress when the socket closes. */
const lastAnswers = 500;
/** Only the user of the gate, and root. */
const [ownerOnly, ownerMask] = [0o600, 0o177];

/** The unix socket of live control. */
export interface ControlSocket {
  /** E.g. `unix:///run/ixgate.ctl`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves live control on a unix socket that only the user of the gate and root can open. They have all rights there. A file that a dead
 * gate left behind is replaced.
 * @param url e.g. `unix:///run/ixgate.ctl`; the folder must exist
 * @throws {ControlInUseError} when a living gate uses it; {ListenError} {EndpointError} when it cannot listen
 */
export async function openControlSocket(url: string, api: ControlApi): Promise<ControlSocket> {
  const server = createServer({
    headersTimeout: requestDeadline,
    requestTimeout: requestDeadline,
    keepAliveTimeout: requestDeadline,
  });
  const connections = new Connections(server, { maxConnections });
  const answer: RequestListener = (request, response) =>
    connections.answer(request, response, () =>
      api
        .answer(request, callerOf(request.headers[userHeader]))
        .catch(() => errorAnswer(500, 'internal error')),
    );
  server.on('request', answer);
  server.on('checkExpectation', answer);
  await listen(server, url);
  return { url, close: () => closed(server) };
}

function callerOf(stated: string | readonly string[] | undefined): Caller {
  const user = typeof stated === 'string' ? statedUser(stated) : undefined;
  const actor = {
    by: 'control socket',
    ...(user !== undefined && { statedUser: user }),
  } as const;
  return { actor, readRefusal: null, changeRefusal: null };
}

async function listen(server: Server, url: string): Promise<void> {
  const path = pipePath(parseEndpoint(url));
  try {
    await bound(server, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw new ListenError(url, error as Error);
    if (!(await removeStale(path))) throw await inUse(url, path, error as Error);
    await bound(server, path).catch((again: Error) => {
      throw new ListenError(url, again);
    });
  }
  await chmod(path, ownerOnly);
}

/** The system creates the file in the call of `listen`, so no one can open it before its mode is set. */
function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const umask = process.umask(ownerMask);
    try {
      server.listen({ path }, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

async function inUse(url: string, path: string, cause: Error): Promise<Error> {
  const file = await lstat(path).catch(() => null);
  return file?.isSocket() ? new ControlInUseError(url) : new ListenError(url, cause);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), lastAnswers);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
