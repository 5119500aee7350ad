/** Files that the page opens: recordings, coverages and learned machines. */
export { chooseFiles, openFiles, openText } from './open-recording.js';
export { openReport } from './report.js';
