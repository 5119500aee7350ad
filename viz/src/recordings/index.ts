/** Recordings: files of step records, opened on the page. */
export { DropZone } from './drop-zone.js';
export { chooseFiles, open, openFiles, openText } from './open-recording.js';
export { openReport } from './report.js';
