import { duration } from '../../machines/text/format.js';
import type { DirectoryStatus } from '../server/gate-view.js';
import type { GateView, SessionInfo } from '../server/index.js';
import { rejectionReasons } from '../server/limits/index.js';
import type { Log } from './log.js';
import type { LineOf } from './log-events.js';

/** State of a live session that its log lines need. */
interface Followed {
  /** When it connected, on a monotonic clock, in milliseconds. */
  readonly since: number;
  /** Description of the error that was sent with its end. */
  finalError: string | null;
}

/** Errors that end the session: error and end are one log line. */
const finalErrors: ReadonlySet<string | null> = new Set([
  'malformed-frame',
  'shutting-down',
  'kicked',
]);

/**
 * Logs one line when a session is registered, refused or disconnected. Of its messages only the name is logged. Lines that
 * unregistered clients can cause without limit are throttled.
 */
export function logSessions(server: GateView, log: Log): void {
  const followed = new Map<string, Followed>();
  const who = ({ clientName, askedAs }: SessionInfo) => shortened(clientName ?? askedAs);
  const age = ({ id }: SessionInfo) =>
    Math.round(performance.now() - (followed.get(id)?.since ?? performance.now()));
  const fields = (info: SessionInfo) => ({
    session: info.id,
    clientName: who(info),
    clientType: info.clientType,
    scheme: info.scheme,
    remoteAddress: info.remoteAddress,
    remotePort: info.remotePort,
    ...(info.carrier !== null && { carrier: info.carrier, proxyClientId: info.proxyClientId }),
    ...(info.epoch !== null && { epoch: info.epoch }),
  });

  server.on('connected', ({ id }) => {
    followed.set(id, { since: performance.now(), finalError: null });
  });
  server.on('registered', (session) => {
    const info = session.info();
    log.info(`registered ${label(info, who(info))} after ${duration(age(info))}`, {
      event: 'registered',
      ...fields(info),
      durationMs: age(info),
    });
  });
  server.on('refused', (session, { errorCode, errorName, errorDescription }) => {
    const info = session.info();
    const known = followed.get(info.id);
    if (known && finalErrors.has(errorName)) {
      known.finalError = errorDescription;
      return;
    }
    log.often(
      `refused ${errorName}`,
      'warn',
      `refused ${label(info, who(info))}: ${errorCode} ${errorName ?? ''}: ${errorDescription}`,
      { event: 'refused', ...fields(info), errorCode, errorName, errorDescription },
    );
  });
  server.on('disconnected', (session, reason, error) => {
    const info = session.info();
    const lasted = age(info);
    const problem = error?.message ?? followed.get(info.id)?.finalError ?? null;
    const detail = problem === null ? '' : ` (${problem})`;
    const text = `disconnected ${label(info, who(info))} after ${duration(lasted)}: ${reason}${detail}`;
    const fieldsOfEnd: LineOf<'disconnected'> = {
      event: 'disconnected',
      ...fields(info),
      reason,
      durationMs: lasted,
      error: problem,
    };
    // The registration rate limits lines about registered clients.
    if (info.registeredAt !== null) log.info(text, fieldsOfEnd);
    else log.often(`disconnected ${reason}`, 'info', text, fieldsOfEnd);
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
  for (const [event, words] of [
    ['handshake-failed', 'handshake failed with'],
    ['forged-address', 'forged address from'],
  ] as const) {
    server.on(event, ({ remoteAddress, remotePort, error }) => {
      const text = `${words} ${remoteAddress}:${remotePort}: ${error.message}`;
      log.often(event, 'warn', text, { event, code: codeOf(error), remoteAddress, remotePort });
    });
  }
  if (server.directory) logDirectory(server, server.directory, log);
  server.on('problem', (error) => {
    const code = codeOf(error);
    log.once(`problem ${code ?? error.name}`, error.message, { event: 'problem', code });
  });
}

function logDirectory(server: GateView, joined: DirectoryStatus, log: Log): void {
  const tell = (state: DirectoryStatus['state']) => {
    const { node, address, cluster } = server.directory ?? joined;
    const fields = { node, store: address };
    if (state === 'live') {
      const text = `joined the cluster ${cluster} as ${node} (${address})`;
      log.info(text, { event: 'directory-joined', ...fields });
    } else {
      const isRefusing = joined.claimsOnLoss === 'refuse';
      const outcome = isRefusing ? 'not granted' : 'granted provisionally';
      const text = `the directory ${address} is lost; names with a cap are ${outcome}`;
      log.error(text, { event: 'directory-lost', ...fields });
    }
  };
  tell(joined.state);
  server.on('directory', tell);
}

function codeOf(error: Error & { readonly code?: string }): string | null {
  return error.code ?? null;
}

/** Valid names have at most 255 characters; refused names may be longer. */
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
