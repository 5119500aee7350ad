/** A WebSocket as the client of an inspector needs it. */
export interface InspectorSocket {
  /** Bytes that were passed to `send` and are not sent yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(): void;
}

export interface SocketListener {
  opened(): void;
  /** Called once, also when it could not connect. */
  closed(): void;
}

/** Connects to an address. Throws for an address that is not one of a WebSocket. */
export type ConnectSocket = (url: string, listener: SocketListener) => InspectorSocket;

/** Connects with the WebSocket of a browser. */
export function connectInBrowser(url: string, listener: SocketListener): InspectorSocket {
  const socket = new WebSocket(url);
  socket.onopen = () => listener.opened();
  socket.onclose = () => listener.closed();
  return socket;
}
