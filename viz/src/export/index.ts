/** Taking things away from the page: pictures, texts, recordings, a link. */
export { saveShown } from './save-recordings.js';
export { useExports } from './use-exports.js';
