import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GateView } from '../server/index.js';
import { refuseUpgrade } from '../web/refuse-upgrade.js';
import { createInspectBridge, type InspectBridge, type InspectOptions } from './bridge.js';

/** `/xstate` for `createAdmin({ upgrades })`. */
export interface XStateHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/**
 * `/xstate` of a gate, which loads the package for the first viewer. If it is not installed, viewers get status 501
 * with the install command.
 * @throws {InspectMissingError} when it is not installed and `allowInject` is set.
 */
export function xstateHandler(gate: GateView, options: InspectOptions = {}): XStateHandler {
  let bridge: InspectBridge | null = options.allowInject
    ? createInspectBridge(gate, options)
    : null;
  return {
    upgrade(request, socket, head) {
      try {
        bridge ??= createInspectBridge(gate, options);
      } catch (error) {
        refuseUpgrade(socket, '501 Not Implemented', (error as Error).message);
        return;
      }
      bridge.upgrade(request, socket, head);
    },
    close: () => bridge?.close(),
  };
}
