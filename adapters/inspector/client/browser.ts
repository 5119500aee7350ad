/**
 * `ixgate/inspector` in a browser: the `inspect` callback over the WebSocket of the page.
 * @module ixgate/inspector
 */
import { InspectorClient } from './client.js';
import {
  type Inspector,
  type InspectorOptions,
  inspectorSettings,
  noInspector,
} from './options.js';
import { connectInBrowser } from './socket.js';

export type { Inspector, InspectorOptions } from './options.js';

/** The inspector of a page: `globalThis.ixgateInspector`, which a test or a developer sets before the app is loaded. */
export interface PageInspector {
  /** With the token. */
  readonly url: string;
  /** @default the name of the first actor */
  readonly name?: string | undefined;
  /** Those that `createInspector` has made. */
  inspectors?: Inspector[];
}

/**
 * See `createInspector` of `ixgate/inspector` in Node. Without `url` it takes the address from `globalThis.ixgateInspector`; without both
 * it sends nothing, so that an app can be shipped with it.
 * @throws {OptionError} for an invalid option
 */
export function createInspector(options: InspectorOptions = {}): Inspector {
  const { ixgateInspector: page } = globalThis as { ixgateInspector?: PageInspector };
  const { url = page?.url, name = page?.name, enabled = url !== undefined } = options;
  const settings = inspectorSettings({ ...options, url, name });
  if (!enabled) return noInspector;
  const inspector = new InspectorClient(connectInBrowser, settings);
  if (page) page.inspectors = [...(page.inspectors ?? []), inspector];
  // What waits is sent before the page is left.
  globalThis.addEventListener?.('pagehide', () => void inspector.flush(0));
  return inspector;
}
