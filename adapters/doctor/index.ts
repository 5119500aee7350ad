/** Checks of a configuration and its machine, and of a running gate. */
export type { Check, Finding, Severity } from './check.js';
export { checks, type Diagnosis, diagnose, diagnoseRunning, runChecks, worstOf } from './doctor.js';
export { runningChecks } from './running/checks.js';
export { System } from './system.js';
