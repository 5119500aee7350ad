import { duration } from '../../machines/index.js';
import type { GateView, SessionInfo } from '../server/index.js';
import { rejectionReasons } from '../server/limits/index.js';
import type { Log } from './log.js';

/** What is remembered of a live session for its lines. */
interface Followed {
  /** Monotonic: the clock on the wall may be set meanwhile. */
  readonly since: number;
  /** What it was told with its end. */
  lastWords: string | null;
}

/** Errors that come with the end of the session: both are one line. */
const lastWords: ReadonlySet<string | null> = new Set(['malformed-frame', 'shutting-down']);

/**
 * One line for each thing a session comes to: registered, refused, disconnected. Nothing of its messages but the name. What
 * strangers can cause without end is written at a bounded rate.
 */
export function logSessions(server: GateView, log: Log): void {
  const followed = new Map<string, Followed>();
  const who = ({ clientName, askedAs }: SessionInfo) => shortened(clientName ?? askedAs);
  const age = ({ id }: SessionInfo) =>
    Math.round(performance.now() - (followed.get(id)?.since ?? performance.now()));
  const fields = (event: string, info: SessionInfo) => ({
    event,
    session: info.id,
    clientName: who(info),
    clientType: info.clientType,
    scheme: info.scheme,
    remoteAddress: info.remoteAddress,
    remotePort: info.remotePort,
  });

  server.on('connected', ({ id }) => {
    followed.set(id, { since: performance.now(), lastWords: null });
  });
  server.on('registered', (info) => {
    log.info(
      `registered ${label(info, who(info))} after ${duration(age(info))}`,
      fields('registered', info),
    );
  });
  server.on('refused', (info, { errorCode, errorName, errorDescription }) => {
    const known = followed.get(info.id);
    if (known && lastWords.has(errorName)) {
      known.lastWords = errorDescription;
      return;
    }
    log.often(
      `refused ${errorName}`,
      'warn',
      `refused ${label(info, who(info))}: ${errorCode} ${errorName ?? ''}: ${errorDescription}`,
      { ...fields('refused', info), errorCode, errorName, errorDescription },
    );
  });
  server.on('disconnected', (info, reason, error) => {
    const lasted = age(info);
    const problem = error?.message ?? followed.get(info.id)?.lastWords ?? null;
    const detail = problem === null ? '' : ` (${problem})`;
    const text = `disconnected ${label(info, who(info))} after ${duration(lasted)}: ${reason}${detail}`;
    const told = {
      ...fields('disconnected', info),
      reason,
      durationMs: lasted,
      error: problem,
    };
    // How often the registered come and go is bounded by the rate of registrations.
    if (info.registeredAt !== null) log.info(text, told);
    else log.often(`disconnected ${reason}`, 'info', text, told);
    followed.delete(info.id);
  });
  server.on('connection-rejected', ({ remoteAddress, remotePort, reason, retryAfter }) => {
    const again = retryAfter === null ? '' : `, for ${duration(retryAfter)}`;
    log.often(
      `connection-rejected ${reason}`,
      'warn',
      `rejected ${remoteAddress}:${remotePort}: ${rejectionReasons[reason]}${again}`,
      { event: 'connection-rejected', reason, retryAfter, remoteAddress, remotePort },
    );
  });
  server.on('handshake-failed', ({ remoteAddress, remotePort, error }) => {
    log.often(
      'handshake-failed',
      'warn',
      `handshake failed with ${remoteAddress}:${remotePort}: ${error.message}`,
      { event: 'handshake-failed', remoteAddress, remotePort },
    );
  });
  server.on('problem', (error) => {
    const { code = null } = error as { code?: string };
    log.once(`problem ${code ?? error.name}`, error.message, { event: 'problem', code });
  });
}

/** A name is 255 characters at most; what was refused as one may be longer. */
function shortened(name: string | null): string | null {
  return name === null || name.length <= 255 ? name : `${name.slice(0, 255)}…`;
}

function label(
  { clientType, scheme, remoteAddress, remotePort }: SessionInfo,
  name: string | null,
): string {
  const type = clientType === null ? '' : ` (${clientType})`;
  return `${name || '(no name)'}${type} ${scheme} ${remoteAddress}:${remotePort}`;
}
