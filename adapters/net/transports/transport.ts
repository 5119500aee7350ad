/**
 * The contract of a transport: a listener accepts connections, a connector opens one. The other adapters use sockets only through it. Each
 * transport has a file beside this one.
 */
import type { LookupFunction } from 'node:net';
import type { DetailedPeerCertificate, PeerCertificate, SecureContext } from 'node:tls';
import type { Framing } from '../wire/codec.js';
import type { Endpoint, Scheme } from './endpoint.js';
import type { Peer } from './peer.js';
import type { UpgradeRequest } from './upgrade-request.js';

/** Why a connection is closed, for transports that can send a reason (WebSocket close codes). */
export type CloseCause = 'done' | 'refused' | 'timeout' | 'protocol-error' | 'going-away';

export interface ConnectionHandlers {
  /** Bytes from the peer; for `frame` connections one whole frame per call. Not called while paused, except for frames already read. */
  data(chunk: Uint8Array, kind: 'text' | 'binary'): void;
  /** The peer has ended its side (half-close). Writing is still possible. */
  end(): void;
  /** The connection is gone; called exactly once, last, whichever side closed it. `error` is set when it broke. */
  closed(error: Error | null): void;
  /** All waiting data has been passed to the system. */
  drain(): void;
  /**
   * The transport received an invalid frame (WebSocket: too long, not UTF-8, invalid header, too many control frames or fragments). Nothing
   * is read after it. Not called while paused, so that earlier frames are processed first. The handler may still write; then the
   * transport closes.
   * @param maxFrame the maximum frame length in bytes when the fault was found
   */
  fault(kind: 'too-long' | 'not-utf8' | 'bad-frame' | 'too-many-frames', maxFrame?: number): void;
}

/** An open connection. It is paused until `start`. No method throws after the peer is gone. */
export interface Connection {
  /** `memory` is a pair within the process, `stream` a Duplex that was given to `accept`. */
  readonly scheme: Scheme | 'memory' | 'stream';
  readonly framing: Framing;
  readonly remoteAddress: string;
  /** 0 for a connection without a port. */
  readonly remotePort: number;
  /** The peer's verified certificate (mutual TLS), or null. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | null;
  /** The address of the trusted proxy that stated `remoteAddress`; undefined without a proxy. */
  readonly proxyAddress?: string | undefined;
  /** The server name that the client asked for (SNI). Only TLS has it. */
  readonly servername?: string | undefined;
  /** The request that opened a WebSocket. The server removes it when the client is registered, to free its memory. */
  request?: UpgradeRequest | null;
  /** Bytes written and not yet passed to the system. */
  readonly unsent: number;
  start(handlers: ConnectionHandlers): void;
  /** @returns false when the peer is slow; then wait for `drain` */
  write(bytes: Uint8Array): boolean;
  /** Writes text as UTF-8. Sockets have this method because it avoids a copy. */
  writeText?(text: string): boolean;
  /** Writes until `uncork` may be sent together. Optional. */
  cork?(): void;
  uncork?(): void;
  pause(): void;
  resume(): void;
  /**
   * Switches TCP keep-alive on, with the first probe after `silence` milliseconds. Only connections of a plain TCP listener with
   * `defersKeepAlive` need the call; all others have keep-alive from the start.
   */
  enableKeepAlive?(silence: number): void;
  /** Sets the maximum frame length in bytes, from the next frame on. Only WebSocket assembles frames itself. */
  limitFrames?(maxFrame: number): void;
  /** Sends a ping; `answered` is called on the pong. Only WebSocket has pings. */
  ping?(answered: () => void): void;
  /**
   * Whether the peer still answers. Only connections on sockets have it.
   * @param timeout milliseconds after which a silent peer counts as gone
   */
  probe?(timeout: number): Promise<boolean>;
  /**
   * Sends the waiting data and closes, so that the peer can read it. At most 1 MiB of input is dropped meanwhile. The connection is
   * destroyed after at most a second.
   */
  close(cause: CloseCause): void;
  /** Destroys the connection at once. Waiting data is lost. */
  destroy(): void;
  /** Destroys the connection with a TCP reset; over TLS, without a close_notify alert. Only connections on sockets have it. */
  reset?(): void;
}

export interface TlsFiles {
  /** PEM texts (not paths). */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Certificates to trust. With it a listener requires a client certificate and refuses one that it cannot verify. */
  readonly ca?: string | Buffer;
}

/** The TLS options of a listener. */
export interface ServerTls extends TlsFiles {
  /**
   * Chooses the certificate for a server name (SNI), like `SNICallback` of node:tls; `tls.createSecureContext` makes a context. It is
   * called for clients that send a name; without a context the certificate is `cert`. Its contexts need the `ca` of client certificates
   * too. The function is that of the start: it cannot be changed later.
   */
  readonly SNICallback?: SniCallback;
}

export type SniCallback = (
  servername: string,
  done: (error: Error | null, context?: SecureContext) => void,
) => void;

/** The slot of an accepted connection. */
export interface ConnectionSlot {
  /** When it was accepted, on the monotonic clock (performance.now); milliseconds. */
  readonly acceptedAt: number;
  /** The socket is gone. */
  release(): void;
}

/** The rejection of a connection at its accept. */
export interface Rejection {
  /** The notice that a client on plain TCP is sent before the close. */
  readonly notice: Uint8Array;
  /** Milliseconds after which another attempt is worth it, for HTTP's Retry-After; null when unknown. */
  readonly retryAfter: number | null;
}

/**
 * The setting for the PROXY protocol. There is no setting that accepts connections with and without a header: a client of a proxy that
 * sends none could write one itself.
 */
export const proxyProtocols = ['off', 'required'] as const;
export type ProxyProtocol = (typeof proxyProtocols)[number];

/** Options of a listener. They are read for each connection, so changes take effect. */
export interface ListenOptions<Given extends ConnectionSlot = ConnectionSlot> {
  /** The certificate is changed with `renewTls`. */
  readonly tls?: ServerTls;
  /** The mode of the file of a unix socket, e.g. 0o660. @default that of the umask */
  readonly socketMode?: number;
  /** Maximum frame length in bytes (WebSocket), until `limitFrames` changes it. */
  readonly maxFrame: number;
  /** Origins whose pages may open a WebSocket, beside those of this machine and of the endpoint's host; `*` for all. @default [] */
  readonly allowOrigin?: readonly string[];
  /** Names that the Host header of a WebSocket upgrade may have, beside this machine's, at an endpoint on a loopback address. @default [] */
  readonly allowedHosts?: readonly string[];
  /**
   * The server calls `enableKeepAlive` later, for connections that stay. This saves four system calls at the accept of the many connections
   * that end early. @default false
   */
  readonly defersKeepAlive?: boolean;
  /** Whether a listener on `::` leaves the IPv4 addresses of its port to another listener. @default false for every endpoint */
  ipv6Only?(endpoint: Endpoint): boolean;
  /** Maximum milliseconds of a TLS handshake or a WebSocket upgrade. */
  readonly handshakeTimeout: number;
  /** Whether connections must begin with a header of the PROXY protocol, from a trusted proxy. @default 'off' */
  readonly proxyProtocol?: ProxyProtocol;
  /** Whether a peer is a trusted proxy, which may state the address of its client. @default no peer is */
  trusts?(remoteAddress: string): boolean;
  /**
   * Gives an accepted connection a slot, or rejects it before resources are spent on it. Without it every connection gets a slot.
   * `onConnection` gets the slot with the connection; the listener releases the slots of failed handshakes.
   * @param acceptedAt when it was accepted, on the monotonic clock. @default now
   */
  admit?(peer: Peer, acceptedAt?: number): Given | Rejection;
  /** A connection is open. */
  onConnection(connection: Connection, place: Given): void;
  /**
   * A TLS handshake or a WebSocket upgrade failed; the socket is gone.
   * @param place null where it failed before a proxy had stated its client
   */
  onHandshakeFailed(failure: Peer & { readonly error: Error }, place: Given | null): void;
  /** A peer that is not a trusted proxy stated another client address in its upgrade. The address is ignored. */
  onForgedAddress?(forgery: Peer & { readonly error: Error }): void;
  /** The listener failed while it was listening, e.g. without descriptors; it goes on if it can. */
  onError(error: Error): void;
}

export interface Listener {
  /** The endpoint, with the port that the system chose for port 0. */
  readonly endpoint: Endpoint;
  /**
   * Changes the certificate, key and trusted certificates, for connections from now on.
   * @throws for invalid files; then nothing has changed
   */
  renewTls(files: TlsFiles): void;
  /** Accepts the connections that wait already, then no more. Open connections stay open. Resolves when the port is free. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly tls?: TlsFiles & {
    /** Name to verify, if it is not the endpoint's host. */
    readonly servername?: string;
    /** Accepts a certificate that cannot be verified. @default false */
    readonly insecure?: boolean;
  };
  readonly maxFrame: number;
  /** Milliseconds until the connection attempt times out. */
  readonly timeout: number;
  /** Milliseconds of silence before the first TCP keep-alive probe; Infinity for none. @default 60000 */
  readonly keepAlive?: number;
  /** Looks up the addresses of a host name, for each attempt, like `lookup` of node:net. @default dns.lookup */
  readonly lookup?: LookupFunction;
  /** HTTP headers of a WebSocket upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal;
}

export interface Transport {
  listen(endpoint: Endpoint, options: ListenOptions): Promise<Listener>;
  /** @throws the system's error, ConnectTimeoutError (code ETIMEDOUT), UpgradeRefusedError, or the signal's reason */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Connection>;
}
