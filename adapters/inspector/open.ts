import type { InspectorServer, InspectorServerOptions } from './open-inspector.js';

/**
 * Opens an inspector for apps with XState 5: its page, a WebSocket at `/stately` for `createWebSocketInspector` of @statelyai/inspect and for
 * `createInspector` of `ixgate/inspector`, and `/stately.json` for programs. On a loopback address programs of this machine need no token;
 * pages of other origins need one, and must come from a loopback origin. The server is loaded by the first call: apps only need the client.
 * @throws {OptionError} for an invalid option; {ListenError} when it cannot listen; {RecordingError} when the file cannot be created
 */
export async function openInspector(
  options: InspectorServerOptions = {},
): Promise<InspectorServer> {
  const server = await import('./open-inspector.js');
  return server.openInspector(options);
}
