/** The tester plays the server and judges the client that connects. */
export { conformClient } from './conform-client.js';
export type { Violation } from './judge.js';
export type { ConformClientOptions, LaunchedClient } from './options.js';
export { type Act, type ClientPath, type ClientPathId, clientPaths } from './paths.js';
export { renderPathLadder } from './render.js';
export { clientRequirements, type Requirement, type RequirementId } from './requirements.js';
export type { ClientConformance, ClientVerdict, PathRun, RequirementResult } from './result.js';
