/** Apps that the inspector watches in the tests. */
import { createWebSocketInspector } from '@statelyai/inspect';
import {
  type ActorJson,
  type AppJson,
  type InspectorServer,
  type InspectorServerOptions,
  openInspector,
} from '../../adapters/inspector/index.js';

/** An inspector on a port that the system chooses. */
export function anInspector(options: InspectorServerOptions = {}): Promise<InspectorServer> {
  return openInspector({ listen: 'http://127.0.0.1:0', ...options });
}

/** The genuine client, which is stopped at the end of the test. */
export function genuine(url: string, options: { serializationDepthLimit?: number } = {}) {
  const inspector = createWebSocketInspector({ url, ...options });
  return { inspect: inspector.inspect, [Symbol.dispose]: () => inspector.stop() };
}

export function appNamed(server: InspectorServer, name: string): AppJson | undefined {
  return server.apps().apps.find((app) => app.name === name);
}

export function actorIn(app: AppJson | undefined, name: string): ActorJson | undefined {
  return app?.actors.find((actor) => actor.name === name);
}
