import type { Recorder } from '../recording/index.js';
import type { GateLog } from './log.js';

/** Logs when the recording fails and when it resumes. */
export function logRecording(recorder: Recorder, log: GateLog): void {
  recorder.on('problem', (error) => {
    log.once(`problem ${error.code}`, error.message, { event: 'problem', code: error.code });
  });
  recorder.on('resumed', (path) => {
    log.info(`recording resumed in ${path}; a gap mark in it counts the dropped steps`, {
      event: 'recording-resumed',
      path,
      dropped: recorder.counts().dropped,
    });
  });
}
