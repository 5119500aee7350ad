/** Files that the page opens: recordings and coverages. */
export { DropZone } from './drop-zone.js';
export { chooseFiles, open, openFiles, openText } from './open-recording.js';
export { openReport } from './report.js';
