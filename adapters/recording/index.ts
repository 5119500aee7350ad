/**
 * Recordings: the steps of a gate, written to files as they happen.
 * @module ixgate/recording
 */
export { RecordingError } from './errors.js';
export type { RecorderOptions, RecordSync } from './options.js';
export { openRecorder, Recorder, type RecorderCounts, type RecorderEvents } from './recorder.js';
