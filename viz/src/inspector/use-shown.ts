/** What the page shows: the view of its address, applied to what the apps told. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { InspectedApp } from '../../../machines/engine/inspection/app.js';
import type { LadderEntry } from '../../../machines/engine/inspection/ladder.js';
import { phantomsOf } from '../../../machines/engine/inspection/phantoms.js';
import { hashOf, type ShownView, viewIn } from './addresses.js';
import { type ActorMoment, type Moment, momentOf } from './model/moment.js';
import type { Source } from './source.js';

/** An app at the cursor. */
export interface ShownApp {
  readonly app: InspectedApp;
  readonly entries: readonly LadderEntry[];
  readonly moment: Moment;
  readonly phantoms: ReturnType<typeof phantomsOf>;
  /** The chosen actor, or the first machine; null without actors. */
  readonly actor: ActorMoment | null;
  /** Differs after each change of the app. */
  readonly version: number;
}

interface Shown {
  readonly view: ShownView;
  readonly apps: readonly InspectedApp[];
  readonly shown: ShownApp | null;
  change(changes: Partial<ShownView>): void;
}

export function useShown(source: Source): Shown {
  const version = useSyncExternalStore(source.subscribe, source.version);
  const [view, change] = useView();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the apps change with the version
  const apps = useMemo(() => source.apps.apps(), [source, version]);
  const app =
    apps.find(({ id }) => id === view.app) ??
    apps.findLast(({ endedAt }) => endedAt === null) ??
    apps.at(-1) ??
    null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the app changes with the version
  const entries = useMemo(() => app?.ladder.entries() ?? [], [app, version]);
  const { cursor } = view;
  const moment = useMemo(() => app && momentOf(app, entries, cursor), [app, entries, cursor]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the app changes with the version
  const phantoms = useMemo(() => app && phantomsOf(app), [app, version]);
  if (app === null || moment === null || phantoms === null) {
    return { view, apps, shown: null, change };
  }
  const actor = chosenActor(moment, phantoms, view.actor);
  return { view, apps, shown: { app, entries, moment, phantoms, actor, version }, change };
}

function chosenActor(
  { actors }: Moment,
  phantoms: ShownApp['phantoms'],
  chosen: string | null,
): ActorMoment | null {
  return (
    actors.find(({ actor }) => actor.session === chosen) ??
    actors.find(({ actor }) => actor.definition?.isMachine && !phantoms.has(actor)) ??
    actors[0] ??
    null
  );
}

/** The view of the address; changes are written there, so that a reload keeps them. */
function useView(): [ShownView, (changes: Partial<ShownView>) => void] {
  const [view, setView] = useState(() => viewIn(location.hash));
  useEffect(() => {
    const onHash = () => setView(viewIn(location.hash));
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);
  useEffect(() => {
    const hash = hashOf(view);
    if (hash !== location.hash) {
      history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
    }
  }, [view]);
  const change = useCallback(
    (changes: Partial<ShownView>) => setView((now) => ({ ...now, ...changes })),
    [],
  );
  return [view, change];
}
