import type { ValidationContext } from '../../adapters/server/index.js';
import type { RequestRegisterClient } from '../../machines/index.js';

/** A well-formed registration, with what a test wants changed. */
export function request(changes: Partial<RequestRegisterClient> = {}): RequestRegisterClient {
  return {
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
    ...changes,
  };
}

/** What a server knows of a connection over TCP, with what a test wants changed. */
export function context(changes: Partial<ValidationContext> = {}): ValidationContext {
  return {
    session: 'test-1',
    scheme: 'tcp',
    remoteAddress: '127.0.0.1',
    proxyAddress: null,
    listener: 'tcp://127.0.0.1:7004',
    servername: null,
    request: null,
    certificate: null,
    signal: new AbortController().signal,
    ...changes,
  };
}
