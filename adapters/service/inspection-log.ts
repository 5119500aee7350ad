import type { InspectNews } from '../xstate-inspector/index.js';
import type { Log } from './log.js';

/** Logs viewers of `/xstate` and what they inject, or try to inject, into sessions: one line each. */
export function logInspection(log: Log): (news: InspectNews) => void {
  return (news) => {
    const { viewer } = news;
    switch (news.kind) {
      case 'viewer-connected':
        log.info(`${viewer} connected to /xstate`, { event: news.kind, viewer });
        break;
      case 'viewer-disconnected':
        log.info(`${viewer} disconnected from /xstate`, { event: news.kind, viewer });
        break;
      case 'viewer-closed': {
        const { problem } = news;
        log.warn(`closed ${viewer}: it sent ${problem}`, { event: news.kind, viewer, problem });
        break;
      }
      case 'injected': {
        const { session, event: injected } = news;
        log.warn(`${viewer} injected ${injected} into session ${session}`, {
          event: news.kind,
          viewer,
          session,
          injected,
        });
        break;
      }
      case 'injection-refused': {
        const { session, event: injected, reason } = news;
        log.warn(`refused to inject ${injected} for ${viewer}: ${reason}`, {
          event: news.kind,
          viewer,
          session,
          injected,
          reason,
        });
      }
    }
  };
}
