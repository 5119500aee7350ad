import { InspectorClient } from './client.js';
import { connectInNode } from './node-socket.js';
import {
  type Inspector,
  type InspectorOptions,
  inspectorSettings,
  noInspector,
} from './options.js';

/**
 * Tells an inspector (`ixgate inspector`) what the actors of an app do, with the transitions that they take.
 *
 *     const { inspect } = createInspector();
 *     createActor(machine, { inspect }).start();
 *
 * It sends in the background, connects again after a loss, and does not keep the process alive. What waits longer than `maxWaiting`
 * messages is left out, and the inspector shows the gap.
 * @throws {OptionError} for an invalid option
 */
export function createInspector(options: InspectorOptions = {}): Inspector {
  const settings = inspectorSettings(options);
  return options.enabled === false ? noInspector : new InspectorClient(connectInNode, settings);
}
