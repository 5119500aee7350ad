import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { DropZone } from '../parts/drop-zone.js';
import { visible } from '../parts/visible.js';
import { keptTheme, useTheme } from '../state/theme.js';
import { ActorDetails } from './actor-details.js';
import { ActorTree } from './actor-tree.js';
import { ChartPane } from './chart-pane.js';
import { EmptyPage } from './empty-page.js';
import { EventDetails } from './event-details.js';
import { Header } from './header.js';
import { Ladder } from './ladder.js';
import type { Cursor } from './model/moment.js';
import { Notices } from './notices.js';
import type { Source } from './source.js';
import { TimeBar } from './time-bar.js';
import { useForwarding } from './use-forwarding.js';
import { useLanes } from './use-lanes.js';
import { useSearch } from './use-search.js';
import { useShown } from './use-shown.js';

/** The actors of apps: their tree, the chart of one, the details of an event, and the ladder of all. */
export function InspectorPage({ source }: { readonly source: Source }): ReactNode {
  const { apps, shown, change } = useShown(source);
  const forwarding = useForwarding();
  const [theme, setTheme] = useState(keptTheme);
  useTheme(theme);
  const [text, setText] = useState('');
  const search = useSearch(shown, text);
  const lanes = useLanes(shown);
  // The page stays at the app that the user looks at when another one connects.
  const app = shown?.app.id ?? null;
  const onCursor = useCallback((cursor: Cursor) => change({ app, cursor }), [change, app]);
  const onActor = useCallback((actor: string) => change({ app, actor }), [change, app]);
  /** Only the first file is opened. */
  const onFiles = useCallback(
    ([file]: Iterable<File>) => {
      if (!file) return;
      change({ app: null, actor: null, cursor: null });
      void source.openFile(file);
    },
    [source, change],
  );
  const name = shown?.app.name ?? null;
  useEffect(() => {
    document.title = name === null ? 'Inspector - ixgate' : `${visible(name, 60)} - ixgate`;
  }, [name]);
  return (
    <>
      <Header
        source={source}
        apps={apps}
        app={shown?.app ?? null}
        text={text}
        search={search}
        cursor={shown?.moment.cursor ?? null}
        theme={theme}
        onApp={(chosen) => change({ app: chosen, actor: null, cursor: null })}
        onText={setText}
        onCursor={onCursor}
        onFiles={onFiles}
        onLive={() => {
          change({ app: null, actor: null, cursor: null });
          source.backToLive();
        }}
        onTheme={setTheme}
      />
      <Notices source={source} forwarding={forwarding} />
      <main className="page-main">
        {shown === null ? (
          <EmptyPage status={source.status} />
        ) : (
          <div className="inspector">
            <ActorTree key={`tree ${shown.app.id}`} shown={shown} lanes={lanes} onActor={onActor} />
            <ChartPane shown={shown} />
            <aside className="inspector-details">
              <EventDetails shown={shown} onActor={onActor} />
              <ActorDetails shown={shown} />
            </aside>
            <section className="inspector-ladder" aria-label="Events">
              <TimeBar shown={shown} onCursor={onCursor} />
              <Ladder
                key={`ladder ${shown.app.id}`}
                shown={shown}
                lanes={lanes.lanes}
                matches={search.numbers}
                onCursor={onCursor}
              />
            </section>
          </div>
        )}
      </main>
      <DropZone hint="Drop a recording to open it" onFiles={onFiles} />
    </>
  );
}
