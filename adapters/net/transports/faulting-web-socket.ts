import { WebSocket } from 'ws';
import { linger } from './stream-connection.js';

/** Options of both ends. Without compression an unregistered client cannot make the server inflate data. The codec checks UTF-8. */
const webSocketOptions = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  // The connection sends the pongs: the library would queue one for each ping.
  autoPong: false,
  // Milliseconds that the library waits for the peer's close frame and end before it destroys the socket.
  closeTimeout: linger,
} as const;

/** The options for a maximum message length in bytes. */
export function optionsFor(maxFrame: number) {
  return { ...webSocketOptions, ...boundsFor(maxFrame) };
}

/** The library's limits for a maximum message length in bytes. */
export function boundsFor(maxFrame: number) {
  // Each fragment of an unfinished message is an object beside its bytes, so their number is limited too.
  const pieces = 1_024 + Math.ceil(maxFrame / 256);
  return { maxPayload: maxFrame, maxFragments: pieces, maxBufferedChunks: pieces };
}

/** What a connection needs of its WebSocket beside the methods of the library. */
export interface FaultingSocket extends WebSocket {
  onFault: ((code: number) => void) | null;
  limitMessages(maxFrame: number): void;
  closeWith(code: number): void;
}

/** A WebSocket of the library whose connection decides when to close after a fault that the library found. */
export class FaultingWebSocket extends WebSocket implements FaultingSocket {
  /** Called with the close code of the first fault. Messages can still be sent; the receiver closes. The library reads no further. */
  onFault: ((code: number) => void) | null = null;

  /** Only the library calls this. */
  override close(code?: number, reason?: string | Buffer): void {
    if (!reportFault(this, code, reason)) super.close(code, reason);
  }

  /**
   * Sets the maximum message length, from the next message on. The library reads its limits only when the WebSocket opens, so they are set in
   * its receiver, which is private (decision 0014). If the library renames these fields, the smaller limit of unregistered clients
   * stays in force.
   */
  limitMessages(maxFrame: number): void {
    limitReceiver(this, maxFrame);
  }

  /** Closes from this side. */
  closeWith(code: number): void {
    super.close(code);
  }
}

/**
 * Reports a fault that the library found. For a fault of the peer the library closes with a code only; to answer the peer's close frame it
 * passes code and reason, or neither.
 * @returns whether it was a fault, and its connection decides when to close
 */
function reportFault(
  webSocket: FaultingSocket,
  code: number | undefined,
  reason: string | Buffer | undefined,
): boolean {
  if (code === undefined || reason !== undefined) return false;
  if (!webSocket.onFault || webSocket.readyState !== WebSocket.OPEN) return false;
  webSocket.onFault(code);
  return true;
}

/** Sets the limits in the receiver of a WebSocket, and in its decompression, where they have the names that we know. */
function limitReceiver(webSocket: WebSocket, maxFrame: number): void {
  const { _receiver: receiver } = webSocket as { _receiver?: Record<string, unknown> };
  const extensions = receiver?._extensions as Record<string, Record<string, unknown>> | undefined;
  const bounds = boundsFor(maxFrame);
  limitPart(receiver, bounds);
  limitPart(extensions?.['permessage-deflate'], bounds);
}

function limitPart(
  part: Record<string, unknown> | undefined,
  { maxPayload, maxFragments, maxBufferedChunks }: ReturnType<typeof boundsFor>,
): void {
  if (typeof part?._maxPayload === 'number') part._maxPayload = maxPayload;
  if (typeof part?._maxFragments === 'number') part._maxFragments = maxFragments;
  if (typeof part?._maxBufferedChunks === 'number') part._maxBufferedChunks = maxBufferedChunks;
}

/**
 * Makes an open WebSocket of a service report faults to its connection. It is changed in place: its messages are Buffers from now on, the
 * connection sends its pongs, and it closes within a second.
 */
export function adoptWebSocket(webSocket: WebSocket): FaultingSocket {
  const adopted = webSocket as FaultingSocket & { _autoPong?: boolean };
  const close = webSocket.close.bind(webSocket);
  const closeSoon = (...closing: Parameters<WebSocket['close']>) => {
    close(...closing);
    const timer = setTimeout(() => webSocket.terminate(), linger);
    webSocket.once('close', () => clearTimeout(timer));
  };
  adopted.binaryType = 'nodebuffer';
  if (adopted._autoPong) adopted._autoPong = false;
  adopted.onFault = null;
  adopted.close = (code, reason) => {
    if (!reportFault(adopted, code, reason)) closeSoon(code, reason);
  };
  adopted.closeWith = (code) => closeSoon(code);
  adopted.limitMessages = (maxFrame) => limitReceiver(adopted, maxFrame);
  return adopted;
}
