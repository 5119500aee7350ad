/** Exports: pictures, texts, recordings, a link. */
export { saveShown } from './save-recordings.js';
export { useExports } from './use-exports.js';
