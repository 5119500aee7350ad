import {
  emptySummary,
  type SessionSummary,
} from '../../../machines/registration/session/verdict.js';
import type { SessionInfo } from '../../server/index.js';

/** The summary of a session whose steps are not known. */
export function summaryOf(info: SessionInfo): SessionSummary {
  const { id, carrier, connectedAt, registeredAt, errors, deadline } = info;
  const elapsed = Math.max(0, Date.now() - connectedAt);
  const isRegistered = registeredAt !== null;
  return {
    ...emptySummary(id, 'server', connectedAt),
    ...(carrier !== null && { carrier }),
    state: info.state,
    verdict: isRegistered ? 'registered' : 'open',
    figure: isRegistered && errors === 0 ? '1' : null,
    clientName: info.clientName ?? info.askedAs,
    clientType: info.clientType,
    mediaType: info.mediaType,
    proxyClientId: info.proxyClientId,
    elapsed,
    registeredAfter: isRegistered ? registeredAt - connectedAt : null,
    deadline:
      deadline === null || isRegistered ? null : { kind: 'registration', at: elapsed + deadline },
    errors,
    ...(info.epoch !== null && { epoch: info.epoch }),
  };
}
