/**
 * `ixgate/inspector` in a browser: the `inspect` callback over the WebSocket of the page.
 * @module ixgate/inspector
 */
import { InspectorClient } from './client.js';
import { type Inspector, type InspectorOptions, inspectorSettings } from './options.js';
import { connectInBrowser } from './socket.js';

export type { Inspector, InspectorOptions } from './options.js';

/** See `createInspector` of `ixgate/inspector` in Node. @throws {OptionError} for an invalid option */
export function createInspector(options: InspectorOptions = {}): Inspector {
  return new InspectorClient(connectInBrowser, inspectorSettings(options));
}
