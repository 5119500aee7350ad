/** The feed of a running gate over WebSocket: docs/feed.md. */
export type { HoldingLimits } from './held-sessions.js';
export type { OtherSessions, OtherSessionsReader } from './other-sessions.js';
export { type FeedOptions, type FeedSource, feedOf, SessionFeed } from './session-feed.js';
