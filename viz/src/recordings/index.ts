/** Files that the page opens: recordings and coverages. */
export { chooseFiles, openFiles, openText } from './open-recording.js';
export { openReport } from './report.js';
