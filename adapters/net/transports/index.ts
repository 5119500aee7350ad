/** The transports: TCP, TLS, WebSocket, secure WebSocket, and a pair within the process. */
import type { Scheme } from './endpoint.js';
import { tcpTransport, tlsTransport, unixTransport } from './tcp.js';
import type { Transport } from './transport.js';
import { wssTransport, wsTransport } from './ws.js';

export { ConnectTimeoutError, UpgradeRefusedError } from './attempt.js';
export {
  type Endpoint,
  EndpointError,
  formatEndpoint,
  parseEndpoint,
  type Scheme,
  schemes,
} from './endpoint.js';
export { HandshakeError } from './handshakes.js';
export { TlsFilesError } from './listening.js';
export { memoryPair } from './memory.js';
export * from './transport.js';

const transports: Readonly<Record<Scheme, Transport>> = {
  tcp: tcpTransport,
  tls: tlsTransport,
  ws: wsTransport,
  wss: wssTransport,
  unix: unixTransport,
};

/** The transport of a scheme. */
export function transportFor(scheme: Scheme): Transport {
  return transports[scheme];
}
