import type { Signing } from '../web/index.js';
import type { Log } from './log.js';

/** Logs who signs in on the page. An attacker who tries tokens cannot flood the log. */
export function logSigning(log: Log): (what: Signing, remoteAddress: string) => void {
  return (what, remoteAddress) => {
    const by = { via: 'token', remoteAddress } as const;
    switch (what) {
      case 'signed-in':
        log.info(`${remoteAddress} signed in on the page`, { event: what, by });
        break;
      case 'signed-out':
        log.info(`${remoteAddress} signed out`, { event: what, by });
        break;
      case 'sign-in-failed': {
        const text = `${remoteAddress} tried to sign in on the page with a wrong token`;
        log.often(what, 'warn', text, { event: what, by });
      }
    }
  };
}
