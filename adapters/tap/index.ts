export type { Unreadable } from './overhearing.js';
export { openTap, Tap, type TapEvents, type TapOptions } from './tap.js';
