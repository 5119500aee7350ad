import { IxgateError } from '../runtime/errors.js';

/** The server cannot listen on an endpoint. */
export class ListenError extends IxgateError {
  override readonly name = 'ListenError';
  /** @param own another endpoint of the same server that uses this address and port. */
  constructor(endpoint: string, cause: Error, own?: string) {
    super('LISTEN_FAILED', `cannot listen on ${endpoint}: ${listenProblem(cause, endpoint, own)}`, {
      cause,
    });
  }
}

function listenProblem(
  cause: NodeJS.ErrnoException,
  endpoint: string,
  own: string | undefined,
): string {
  const where = endpoint.startsWith('unix:') ? 'path' : 'port';
  switch (cause.code) {
    case 'EADDRINUSE':
      if (own !== undefined)
        return `the ${where} is in use by ${own} of the same server. Choose another ${where} for one of them`;
      return `the ${where} is taken. Stop what listens there, or choose another ${where}`;
    case 'EACCES':
      return where === 'path'
        ? // libuv reports a missing folder like this, too.
          'not permitted. Choose a folder that exists and in which the process may create files'
        : 'not permitted. Choose a port above 1023';
    case 'EINVAL':
    case 'EBADF':
    case 'ENOTSOCK':
      if (endpoint.includes('fd://'))
        return `the descriptor is not a socket that was passed to this process (${cause.code})`;
      return cause.message;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address';
    default:
      return cause.message;
  }
}

/** A listener failed to accept a connection. It goes on as soon as it can. */
export class AcceptError extends IxgateError {
  override readonly name = 'AcceptError';
  constructor(cause: Error) {
    super('ACCEPT_FAILED', `a connection could not be accepted: ${acceptProblem(cause)}`, {
      cause,
    });
  }
}

function acceptProblem(cause: NodeJS.ErrnoException): string {
  return cause.code === 'EMFILE' || cause.code === 'ENFILE'
    ? `too many files are open (${cause.code}). Raise the limit (ulimit -n), or lower maxConnections`
    : cause.message;
}

/** The event loop was delayed for longer than `maxLag`: code blocks it, or the machine is overloaded. */
export class OverloadError extends IxgateError {
  override readonly name = 'OverloadError';
  constructor(
    /** The delay in milliseconds. */
    readonly lag: number,
  ) {
    super(
      'OVERLOADED',
      `the event loop was delayed by ${Math.round(lag)} ms; new connections are rejected for one second`,
    );
  }
}

/** A connection that was given to `accept` delivers data after `pause`. The server disconnects it. */
export class CannotPauseError extends IxgateError {
  override readonly name = 'CannotPauseError';
  constructor(bytes: number) {
    super(
      'CANNOT_PAUSE',
      `a connection delivered more than ${bytes} bytes after pause(); its transport must stop reading while it is paused`,
    );
  }
}

/** The client of a registered session did not answer when another client asked for its name. */
export class NoAnswerError extends IxgateError {
  override readonly name = 'NoAnswerError';
  constructor() {
    super('NO_ANSWER', 'the client did not answer, and another connection registered its name');
  }
}

/** A WebSocket client sent neither a pong nor anything else after a ping. */
export class NoPongError extends IxgateError {
  override readonly name = 'NoPongError';
  constructor(
    /** Milliseconds that the client had for an answer. */
    readonly timeout: number,
  ) {
    super('PING_TIMEOUT', `no pong within ${timeout} ms`);
  }
}
