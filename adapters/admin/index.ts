/** The admin port of a gate over HTTP: probes, sessions, metrics and the page. */
export { type Admin, type AdminOptions, createAdmin } from './admin.js';
