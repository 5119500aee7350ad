/** Files that the page opens: recordings and coverages. */
export { DropZone } from './drop-zone.js';
export { chooseFiles, openText } from './open-recording.js';
export { openReport } from './report.js';
