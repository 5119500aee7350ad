/**
 * The page, probes, metrics and the feed of a gate as a handler for a web server of the service.
 * @module ixgate/admin
 */
export type { Actor, ControlAction } from '../control/control-api.js';
export type { HoldingLimits } from '../feed/index.js';
export type { HttpServer } from '../net/transports/attach.js';
export type { UpgradeHandler } from '../web/index.js';
export { type Admin, createAdmin } from './admin.js';
export type { AdminOptions } from './admin-options.js';
export type { SiteOptions } from './site.js';
