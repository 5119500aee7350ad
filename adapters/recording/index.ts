/**
 * Recordings: the steps of a gate, written to files as they happen, and read again.
 * @module ixgate/recording
 */
export type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
export {
  parseRecording,
  type RecordedSession,
  type Recording,
  recordingText,
  sessionsOf,
} from '../../machines/registration/session/recording.js';
export type { StepRecord } from '../../machines/registration/session/step.js';
export { RecordingError } from './errors.js';
export type { RecorderOptions, RecordSync } from './options.js';
export { openRecorder, Recorder, type RecorderCounts, type RecorderEvents } from './recorder.js';
