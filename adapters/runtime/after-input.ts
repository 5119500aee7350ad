/** Calls back in a later turn of the event loop, after input that has already arrived. A browser has no `setImmediate`. */
export function afterInput(callback: () => void): void {
  (globalThis.setImmediate ?? setTimeout)(callback);
}
