import type { InspectNews } from '../xstate-inspector/index.js';
import type { Log } from './log.js';

/** Logs viewers of `/xstate` and what they inject, or try to inject, into sessions: one line each. */
export function logInspection(log: Log): (news: InspectNews) => void {
  return (news) => {
    const { viewer } = news;
    const fields = { ...news, kind: undefined, event: news.kind };
    switch (news.kind) {
      case 'viewer-connected':
        log.info(`${viewer} connected to /xstate`, fields);
        break;
      case 'viewer-disconnected':
        log.info(`${viewer} disconnected from /xstate`, fields);
        break;
      case 'viewer-closed':
        log.warn(`closed ${viewer}: it sent ${news.problem}`, fields);
        break;
      case 'injected':
        log.warn(`${viewer} injected ${news.event} into session ${news.session}`, {
          ...fields,
          injected: news.event,
        });
        break;
      case 'injection-refused':
        log.warn(`refused to inject ${news.event} for ${viewer}: ${news.reason}`, {
          ...fields,
          injected: news.event,
        });
    }
  };
}
