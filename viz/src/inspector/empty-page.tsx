/** What the page shows before an app is connected: the lines to paste. */
import type { ReactNode } from 'react';
import { socketUrl, tokenIn } from './addresses.js';
import type { SourceStatus } from './source.js';

export function EmptyPage({ status }: { readonly status: SourceStatus }): ReactNode {
  if (status.kind === 'reading') return <p className="inspector-none">Reading the file ...</p>;
  const url = socketUrl(location, 'stately');
  return (
    <div className="welcome">
      <h2>No app has connected yet</h2>
      <p>
        Add one of these to your app, and pass the callback: createActor(machine, {'{ inspect }'})
      </p>
      <ul className="commands">
        <li>
          <p>With ixgate, which also tells the transitions that are taken:</p>
          <code>
            {`import { createInspector } from 'ixgate/inspector';`}
            <br />
            {`const { inspect } = createInspector({ url: '${url}' });`}
          </code>
        </li>
        <li>
          <p>With the client of Stately:</p>
          <code>
            {`import { createWebSocketInspector } from '@statelyai/inspect';`}
            <br />
            {`const { inspect } = createWebSocketInspector({ url: '${url}', serializationDepthLimit: 100 });`}
          </code>
        </li>
      </ul>
      {tokenIn(location) === null && (
        <p>
          An app in a browser needs the address with the token, as <code>npx ixgate inspector</code>{' '}
          prints it.
        </p>
      )}
      <p>Or open a recording: the button Open, or drop the file here.</p>
    </div>
  );
}
