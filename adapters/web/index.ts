/** The page over HTTP: its files, recordings, reports of sessions, and access checks. */
export { addressOf } from './address.js';
export { type Answer, errorAnswer, json } from './answer.js';
export { openPageServer, type PageServerOptions } from './page-server.js';
export {
  type CoverageFile,
  type RecordingFile,
  readRecording,
  readShownFile,
  type ShownFile,
} from './recordings.js';
export { reportOf } from './report.js';
export type { Signing, UpgradeHandler } from './web-handler.js';
export type { WebServer } from './web-server.js';
