/** The page as the target of `createBrowserInspector`: messages of the other window go to the page's own server, as those of an app. */

/** Milliseconds until the next attempt to connect. */
const retry = 2_000;

export type ForwardingStatus =
  /** There is no other window. */
  | 'none'
  /** The address of the page has no token: messages of the other window are not taken. */
  | 'no-token'
  | 'connecting'
  | 'open'
  /** The connection was lost or refused. */
  | 'lost';

interface OtherWindowOptions {
  /** The window that opened this one, or has it in a frame; null without one. */
  readonly other: Window | null;
  /** The address for apps, with the token; null without a token. */
  readonly url: string | null;
  onStatus(status: ForwardingStatus): void;
}

/** @returns a function that ends it */
export function forwardOtherWindow({ other, url, onStatus }: OtherWindowOptions): () => void {
  onStatus(other === null ? 'none' : url === null ? 'no-token' : 'connecting');
  if (other === null || url === null) return () => {};
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    socket = new WebSocket(url);
    socket.onopen = () => {
      onStatus('open');
      // The client sends its last messages again. The message has no content, so any origin may get it.
      other.postMessage({ type: '@statelyai.connected' }, '*');
    };
    socket.onclose = () => {
      onStatus('lost');
      timer = setTimeout(connect, retry);
    };
  };
  const onMessage = ({ source, origin, data }: MessageEvent) => {
    if (source !== other || !isLoopbackOrigin(origin) || !isInspection(data)) return;
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(data));
  };
  window.addEventListener('message', onMessage);
  connect();
  return () => {
    window.removeEventListener('message', onMessage);
    clearTimeout(timer);
    if (socket === null) return;
    socket.onclose = null;
    socket.close();
  };
}

/** The window that `createBrowserInspector` runs in, seen from its popup or frame. */
export function otherWindow(own: Window): Window | null {
  return own.parent === own ? (own.opener as Window | null) : own.parent;
}

export function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function isInspection(data: unknown): boolean {
  const { type } = Object(data) as { type?: unknown };
  return typeof type === 'string' && type.startsWith('@xstate.');
}
