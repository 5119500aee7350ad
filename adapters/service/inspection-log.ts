import type { InspectNews } from '../xstate-inspector/index.js';
import type { Log } from './log.js';

/** One line for each thing a viewer of `/xstate` did that reaches, or would reach, a session. */
export function logInspection(log: Log): (news: InspectNews) => void {
  return (news) => {
    const { viewer } = news;
    const fields = { ...news, kind: undefined, event: news.kind };
    switch (news.kind) {
      case 'viewer-came':
        log.info(`${viewer} watches on /xstate`, fields);
        break;
      case 'viewer-left':
        log.info(`${viewer} left /xstate`, fields);
        break;
      case 'viewer-closed':
        log.warn(`${viewer} was closed: it sent ${news.problem}`, fields);
        break;
      case 'injected':
        log.warn(`${viewer} injected ${news.event} into session ${news.session}`, {
          ...fields,
          injected: news.event,
        });
        break;
      case 'injection-refused':
        log.warn(`${viewer} may not inject ${news.event}: ${news.reason}`, {
          ...fields,
          injected: news.event,
        });
    }
  };
}
