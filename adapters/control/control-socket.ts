import { lstat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { parseEndpoint } from '../net/transports/endpoint.js';
import { pipePath, startListening } from '../net/transports/listen-address.js';
import { IxgateError } from '../runtime/errors.js';
import { ListenError } from '../server/index.js';
import { errorAnswer } from '../web/answer.js';
import { Connections } from '../web/connections.js';
import { closeServer, requestTimeouts } from '../web/web-server.js';
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
/** Only the user of the gate, and root. */
const ownerOnly = 0o600;

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
  const server = createServer(requestTimeouts);
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
  return { url, close: () => closeServer(server) };
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
  const endpoint = parseEndpoint(url);
  const path = pipePath(endpoint);
  try {
    await startListening(server, endpoint, { socketMode: ownerOnly });
  } catch (error) {
    throw await listenProblem(url, path, error as NodeJS.ErrnoException);
  }
}

async function listenProblem(
  url: string,
  path: string,
  cause: NodeJS.ErrnoException,
): Promise<Error> {
  const file = cause.code === 'EADDRINUSE' ? await lstat(path).catch(() => null) : null;
  return file?.isSocket() ? new ControlInUseError(url) : new ListenError(url, cause);
}
