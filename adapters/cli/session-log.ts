import { abridged, duration } from '../../machines/index.js';
import type { GateServer, SessionInfo } from '../server/index.js';
import type { Log } from './log.js';

/** One line for each thing a session comes to: registered, refused, disconnected. Nothing of its messages but the name. */
export function logSessions(server: GateServer, log: Log): void {
  /** The name each session last asked to register as, until it is gone: a refused one has no other. */
  const asked = new Map<string, string>();
  server.on('step', ({ session, name, payload }) => {
    if (name === 'RequestRegisterClient' && payload) {
      const { clientName } = payload;
      asked.set(session, typeof clientName === 'string' ? clientName : abridged(clientName));
    }
  });
  const who = ({ id, clientName }: SessionInfo) => shortened(clientName ?? asked.get(id) ?? null);
  const fields = (event: string, info: SessionInfo) => ({
    event,
    session: info.id,
    clientName: who(info),
    clientType: info.clientType,
    scheme: info.scheme,
    remoteAddress: info.remoteAddress,
    remotePort: info.remotePort,
  });

  server.on('registered', (info) => {
    const after = Date.now() - info.connectedAt;
    log.info(
      `registered ${label(info, who(info))} after ${duration(after)}`,
      fields('registered', info),
    );
  });
  server.on('refused', (info, { errorCode, errorName, errorDescription }) => {
    log.warn(
      `refused ${label(info, who(info))}: ${errorCode} ${errorName ?? ''}: ${errorDescription}`,
      { ...fields('refused', info), errorCode, errorName, errorDescription },
    );
  });
  server.on('disconnected', (info, reason, error) => {
    const lasted = Date.now() - info.connectedAt;
    const detail = error ? ` (${error.message})` : '';
    log.info(
      `disconnected ${label(info, who(info))} after ${duration(lasted)}: ${reason}${detail}`,
      {
        ...fields('disconnected', info),
        reason,
        durationMs: lasted,
        error: error?.message ?? null,
      },
    );
    asked.delete(info.id);
  });
  server.on('handshake-failed', ({ remoteAddress, remotePort, error }) => {
    log.warn(`handshake failed with ${remoteAddress}:${remotePort}: ${error.message}`, {
      event: 'handshake-failed',
      remoteAddress,
      remotePort,
    });
  });
  server.on('problem', (error) => {
    log.error(error.message, { event: 'problem', code: (error as { code?: string }).code ?? null });
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
