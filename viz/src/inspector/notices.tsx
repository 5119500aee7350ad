/** What the user should know: files that cannot be opened, and messages of another window that are not taken. */
import type { ReactNode } from 'react';
import { visible } from '../parts/visible.js';
import type { ForwardingStatus } from './other-window.js';
import type { Source } from './source.js';

interface NoticesProps {
  readonly source: Source;
  readonly forwarding: ForwardingStatus;
}

export function Notices({ source, forwarding }: NoticesProps): ReactNode {
  const { problem, status } = source;
  return (
    <>
      {problem !== null && (
        <p className="inspector-notice bad" role="alert">
          {visible(problem, 400)}{' '}
          <button type="button" className="plain" onClick={() => source.dismissProblem()}>
            Close
          </button>
        </p>
      )}
      {status.kind === 'lost' && status.why !== null && (
        <p className="inspector-notice" role="status">
          The inspector closed the connection: {visible(status.why)}
        </p>
      )}
      <Forwarding status={forwarding} />
    </>
  );
}

function Forwarding({ status }: { readonly status: ForwardingStatus }): ReactNode {
  if (status === 'no-token') {
    return (
      <p className="inspector-notice">
        Another page opened this one. Its events are taken only with the token of the inspector:{' '}
        <code>{`createBrowserInspector({ url: '${location.origin}/inspector?token=...' })`}</code>{' '}
        with the token that <code>npx ixgate inspector</code> prints.
      </p>
    );
  }
  if (status === 'lost') {
    return (
      <p className="inspector-notice bad" role="status">
        The inspector does not take the events of the page that opened this one: it has ended, or
        the token in the address is not its token. Trying again.
      </p>
    );
  }
  return null;
}
