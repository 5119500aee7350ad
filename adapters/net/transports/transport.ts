/**
 * The root contract of a transport: a listener gives connections, a connector opens one. The adapters know nothing
 * else of sockets. One file a transport stands beside this one.
 */
import type { LookupFunction } from 'node:net';
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import type { Framing } from '../wire/codec.js';
import type { Endpoint, Scheme } from './endpoint.js';
import type { Peer } from './peer.js';

/** Why a connection is closed, for transports that can say it (WebSocket close codes). */
export type CloseCause = 'done' | 'refused' | 'timeout' | 'protocol-error' | 'going-away';

export interface ConnectionHandlers {
  /** Bytes from the peer; for `frame` connections one whole frame a call. Not called while paused, save for frames already read. */
  data(chunk: Uint8Array, kind: 'text' | 'binary'): void;
  /** The peer has said its last (half-close). The connection can still be written to. */
  end(): void;
  /** The connection is gone; called exactly once, last, whichever side closed it. `error` when it broke. */
  closed(error: Error | null): void;
  /** What was waiting to be written has been handed to the system. */
  drain(): void;
  /**
   * The transport itself found a frame that it cannot deliver (WebSocket: too long, not UTF-8, bad frame header, control frames
   * or fragments without end). Nothing is read after it. Not called while paused: what came before it is processed first. The
   * handler may still write; then the transport closes.
   * @param maxFrame the longest frame in bytes when it was found
   */
  fault(kind: 'too-long' | 'not-utf8' | 'bad-frame' | 'too-many-frames', maxFrame?: number): void;
}

/** An open connection. It holds its input (paused) until `start`. No method throws after the peer is gone. */
export interface Connection {
  readonly scheme: Scheme | 'memory';
  readonly framing: Framing;
  readonly remoteAddress: string;
  /** 0 where there is none. */
  readonly remotePort: number;
  /** The peer's verified certificate (mutual TLS), or null. */
  readonly certificate: PeerCertificate | DetailedPeerCertificate | null;
  /** Bytes written and not yet handed to the system. */
  readonly unsent: number;
  start(handlers: ConnectionHandlers): void;
  /** @returns false when the peer is slow: wait for `drain`. */
  write(bytes: Uint8Array): boolean;
  /** The same for text, which goes out as UTF-8. Sockets have it: it spares them a copy. */
  writeText?(text: string): boolean;
  /** What is written until `uncork` may go out in one piece. Not every transport can hold it back. */
  cork?(): void;
  uncork?(): void;
  pause(): void;
  resume(): void;
  /**
   * Has the system ask a peer that was silent for so many milliseconds for a sign of life. Only what was accepted on plain TCP for a
   * listener that `keepsAwake` needs to be told; everything else does so from the beginning.
   */
  enableKeepAlive?(silence: number): void;
  /** Sets the longest frame in bytes from the next one on, after `maxFrame` of the listener. Only WebSocket holds a frame itself. */
  limitFrames?(maxFrame: number): void;
  /** Asks the peer's transport for a sign of life; `answered` is called when it comes. Only WebSocket has one. */
  ping?(answered: () => void): void;
  /**
   * Whether the peer still answers. Only what runs on a socket can find out.
   * @param timeout milliseconds until a peer that did not answer is given up
   */
  probe?(timeout: number): Promise<boolean>;
  /**
   * Sends what is waiting, closes, and lets the peer read it: at most 1 MiB of input is dropped, and after at most a second the
   * connection is destroyed.
   */
  close(cause: CloseCause): void;
  /** Ends the connection now, without sending what is waiting. */
  destroy(): void;
  /** The same with a TCP reset; over TLS, which has none of its own, without TLS's goodbye. What runs on no socket has none. */
  reset?(): void;
}

export interface TlsFiles {
  /** PEM texts (not paths). */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Certificates to trust. On a listener it asks for the client's certificate and refuses one it cannot verify. */
  readonly ca?: string | Buffer;
}

/** The place of an accepted connection among all that are accepted. */
export interface ConnectionSlot {
  /** When it was accepted, by a clock that never jumps (performance.now). */
  readonly acceptedAt: number;
  /** Its socket is gone. */
  release(): void;
}

/** There is no place for a connection. */
export interface Rejection {
  /** What a client on plain TCP is sent before the end. */
  readonly notice: Uint8Array;
  /** Milliseconds after which another attempt is worth it, for HTTP's Retry-After; null when that is not known. */
  readonly retryAfter: number | null;
}

/** Read for each connection, so that changes take effect. */
export interface ListenOptions<Given extends ConnectionSlot = ConnectionSlot> {
  /** The certificate is changed with `renewTls`. */
  readonly tls?: TlsFiles;
  /** Longest frame in bytes that the transport may hold (WebSocket), until `limitFrames` says otherwise. */
  readonly maxFrame: number;
  /** Origins whose pages may open a WebSocket, beside those of this machine and of the endpoint's host; `*` for all. @default [] */
  readonly allowOrigin?: readonly string[];
  /** Names that the Host header of a WebSocket upgrade may have, beside this machine's, at an endpoint on a loopback address. @default [] */
  readonly allowedHosts?: readonly string[];
  /**
   * The server calls `keepAwake` of the connections that stay: they are accepted without the four calls of the system that it takes,
   * since most are over before it matters. @default false
   */
  readonly defersKeepAlive?: boolean;
  /** Whether a listener on `::` leaves the IPv4 addresses of its port to another listener. @default false for every endpoint */
  ipv6Only?(endpoint: Endpoint): boolean;
  /** Milliseconds a TLS handshake or a WebSocket upgrade may take. */
  readonly handshakeTimeout: number;
  /**
   * Whether an accepted connection gets a place, asked before anything is spent on it. Without it everybody gets one. The place goes
   * to `onConnection` with the connection; the listener releases those of connections that are never set up.
   */
  admit?(peer: Peer): Given | Rejection;
  /** A connection is set up. */
  onConnection(connection: Connection, place: Given): void;
  /** A TLS handshake or a WebSocket upgrade failed; the socket is already gone. */
  onHandshakeFailed(failure: Peer & { readonly error: Error }, place: Given): void;
  /** The listener itself failed after it was listening (descriptors used up, for one); it goes on if it can. */
  onError(error: Error): void;
}

export interface Listener {
  /** Where it listens, with the port the system gave when 0 was asked for. */
  readonly endpoint: Endpoint;
  /**
   * Uses another certificate, key and list of trusted certificates for connections from now on.
   * @throws when they cannot be used; then nothing has changed.
   */
  renewTls(files: TlsFiles): void;
  /** Accepts those that wait already, then no more. Connections that are open stay open. Resolves when the port is free. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly tls?: TlsFiles & {
    /** Name to verify, where it is not the endpoint's host. */
    readonly servername?: string;
    /** Accept a certificate that cannot be verified. @default false */
    readonly insecure?: boolean;
  };
  readonly maxFrame: number;
  /** Milliseconds until the connection attempt is given up. */
  readonly timeout: number;
  /** Milliseconds of silence after which the system asks the peer's for a sign of life; Infinity for never. @default 60000 */
  readonly keepAlive?: number;
  /** Finds the addresses of a host name, for each attempt, as `lookup` of node:net does. @default dns.lookup */
  readonly lookup?: LookupFunction;
  /** HTTP headers of a WebSocket upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal;
}

export interface Transport {
  listen(endpoint: Endpoint, options: ListenOptions): Promise<Listener>;
  /** @throws the system's error, an Error with code ETIMEDOUT, UpgradeRefusedError, or the signal's reason. */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Connection>;
}
