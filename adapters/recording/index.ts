/**
 * Recordings: the steps of a gate, written to files as they happen, and read again.
 * @module ixgate/recording
 */
export {
  parseRecording,
  type RecordedSession,
  type Recording,
  type RecordingGap,
  recordingText,
  type StepRecord,
  sessionsOf,
} from '../../machines/index.js';
export { RecordingError } from './errors.js';
export type { RecorderOptions, RecordSync } from './options.js';
export { openRecorder, Recorder, type RecorderCounts, type RecorderEvents } from './recorder.js';
