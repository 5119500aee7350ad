/** The session as a sequence diagram. */
export { figureBeside } from './beside.js';
export { Arrow, Heads, Note } from './drawing.js';
export { Ladder } from './ladder.js';
export { ladderMermaid } from './ladder-mermaid.js';
export { ladderSvg } from './ladder-svg.js';
