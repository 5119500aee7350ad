/** The header: the state of the connection, the app, the search, and the files. */
import { type ReactNode, useRef } from 'react';
import type { InspectedApp } from '../../../machines/engine/inspection/app.js';
import { Icon } from '../parts/icon.js';
import { Menu } from '../parts/menu.js';
import { counted } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import type { keptTheme } from '../state/theme.js';
import type { Cursor } from './model/moment.js';
import { nextMatch } from './model/search.js';
import { saveApps } from './save-apps.js';
import type { Source, SourceStatus } from './source.js';
import type { SearchResult } from './use-search.js';

type Theme = ReturnType<typeof keptTheme>;

interface HeaderProps {
  readonly source: Source;
  readonly apps: readonly InspectedApp[];
  readonly app: InspectedApp | null;
  readonly text: string;
  readonly search: SearchResult;
  readonly cursor: Cursor;
  readonly theme: Theme;
  onApp(id: string): void;
  onText(text: string): void;
  onCursor(cursor: Cursor): void;
  onFiles(files: Iterable<File>): void;
  onLive(): void;
  onTheme(theme: Theme): void;
}

export function Header(props: HeaderProps): ReactNode {
  const { source, apps, app, theme, onApp, onFiles, onLive, onTheme } = props;
  const input = useRef<HTMLInputElement>(null);
  const { status } = source;
  const isFile = status.kind === 'file' || status.kind === 'reading';
  return (
    <header className="page-header inspector-header">
      <h1>ixgate inspector</h1>
      <Status status={status} app={app} />
      {apps.length > 1 && (
        <select
          aria-label="App"
          className="inspector-app"
          value={app?.id}
          onChange={({ target }) => onApp(target.value)}
        >
          {apps.map((one) => (
            <option key={one.id} value={one.id}>
              {visible(one.name, 60)}
              {one.endedAt === null ? '' : ' (ended)'}
              {apps.some(({ id, name }) => id !== one.id && name === one.name)
                ? `, ${visible(one.id, 20)}`
                : ''}
            </option>
          ))}
        </select>
      )}
      {app && <SearchField {...props} />}
      {isFile && (
        <button type="button" onClick={onLive}>
          Back to live
        </button>
      )}
      <button type="button" onClick={() => input.current?.click()}>
        Open
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Open a recording"
        onChange={({ target }) => {
          // Resetting the value empties the list of files.
          const files = [...(target.files ?? [])];
          target.value = '';
          onFiles(files);
        }}
      />
      {app && (
        <Menu
          label="Save"
          items={[
            { label: `Save ${visible(app.name, 40)}`, onChoose: () => saveApps([app]) },
            {
              label: 'Save all apps',
              disabled: apps.length > 1 ? null : 'There is only this app',
              onChoose: () => saveApps(apps),
            },
          ]}
        />
      )}
      <label className="theme">
        <span className="visually-hidden">Theme</span>
        <select value={theme} onChange={({ target }) => onTheme(target.value as Theme)}>
          <option value="auto">Theme: auto</option>
          <option value="light">Theme: light</option>
          <option value="dark">Theme: dark</option>
        </select>
      </label>
    </header>
  );
}

function Status({
  status,
  app,
}: {
  readonly status: SourceStatus;
  readonly app: InspectedApp | null;
}): ReactNode {
  const { tone, words } = statusOf(status, app);
  return (
    <p className="inspector-status" role="status">
      <span className={`dot ${tone}`} aria-hidden="true" />
      {words}
    </p>
  );
}

function statusOf(status: SourceStatus, app: InspectedApp | null) {
  switch (status.kind) {
    case 'connecting':
      return { tone: 'plain', words: 'Connecting' };
    case 'live':
      if (app === null) return { tone: 'ok', words: 'Connected, waiting for an app' };
      if (app.endedAt !== null) return { tone: 'plain', words: 'Connected; this app has ended' };
      return { tone: 'ok', words: 'Live' };
    case 'lost':
      if (!status.wasOpen) {
        return { tone: 'bad', words: `No inspector answers at ${location.host}. Trying again` };
      }
      return { tone: 'bad', words: 'Connection lost. Trying again' };
    case 'reading':
      return { tone: 'plain', words: `Reading ${visible(status.file, 60)}` };
    case 'file': {
      const { file, lines, unread } = status;
      const count =
        unread === 0 ? '' : `; ${counted(unread)} of ${counted(lines)} lines were not read`;
      return { tone: 'accent', words: `File ${visible(file, 60)}${count}` };
    }
  }
}

function SearchField({ text, search, cursor, onText, onCursor }: HeaderProps): ReactNode {
  const { numbers, isDone } = search;
  const at = numbers === null || cursor === null ? -1 : numbers.indexOf(cursor);
  const go = (direction: 1 | -1) => {
    const next = nextMatch(numbers ?? [], cursor, direction);
    if (next !== null) onCursor(next);
  };
  const isEmpty = numbers === null || numbers.length === 0;
  return (
    <search className="inspector-search">
      <input
        type="search"
        aria-label="Search events"
        placeholder="Search events"
        value={text}
        spellCheck={false}
        onChange={({ target }) => onText(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          go(event.shiftKey ? -1 : 1);
        }}
      />
      {numbers !== null && (
        <>
          <span role="status">
            {at >= 0 && `${counted(at + 1)} of `}
            {counted(numbers.length)}
            {isDone ? '' : ' so far'}
          </span>
          <button
            type="button"
            aria-label="Previous match"
            disabled={isEmpty}
            onClick={() => go(-1)}
          >
            <Icon name="previous" />
          </button>
          <button type="button" aria-label="Next match" disabled={isEmpty} onClick={() => go(1)}>
            <Icon name="next" />
          </button>
        </>
      )}
    </search>
  );
}
