/** Checks of a configuration and its machine, and of a running gate. */
export type { Check, Finding, Severity } from './check.js';
export { checks, type Diagnosis, diagnose, runChecks, worstOf } from './doctor.js';
export { System } from './system.js';
