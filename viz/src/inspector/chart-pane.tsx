/** The chart of the selected actor: its states and the last transition, or its coverage. */
import { type ReactNode, useMemo, useState } from 'react';
import { activeStates, ChartDrawing, useLayout } from '../chart/index.js';
import { visible } from '../parts/visible.js';
import type { ActorMoment } from './model/moment.js';
import { actorName } from './model/names.js';
import { totalsOf, type UsageTotals, usageOf } from './model/usage.js';
import { type KeyedChart, useKeyedChart } from './use-chart.js';
import type { ShownApp } from './use-shown.js';
import { useCountdown } from './use-timers.js';

type Scope = 'machine' | 'actor';

export function ChartPane({ shown }: { readonly shown: ShownApp }): ReactNode {
  const { app, actor: moment } = shown;
  const [coverage, setCoverage] = useState(false);
  const [scope, setScope] = useState<Scope>('machine');
  const definition = moment?.actor.definition ?? null;
  const chart = useKeyedChart(definition);
  const name = moment === null ? '' : actorName(app, moment.actor.session);
  return (
    <section className="inspector-chart" aria-label="Selected actor">
      <h2>
        <span className="inspector-title">
          <bdi>{name}</bdi>
          {definition?.id != null && definition.id !== moment?.actor.name && (
            <span className="inspector-soft">, machine {visible(definition.id, 60)}</span>
          )}
        </span>
        {chart && (
          <>
            {coverage && (
              <select
                aria-label="Coverage of"
                value={scope}
                onChange={({ target }) => setScope(target.value as Scope)}
              >
                <option value="machine">all actors of this machine</option>
                <option value="actor">this actor</option>
              </select>
            )}
            <button
              type="button"
              aria-pressed={coverage}
              title="How often each transition and state was used"
              onClick={() => setCoverage(!coverage)}
            >
              Coverage
            </button>
          </>
        )}
      </h2>
      {definition?.isCut && (
        <p className="inspector-hint">
          The app cut this definition; set <code>serializationDepthLimit: 100</code>.
        </p>
      )}
      {moment === null || chart === null ? (
        <p className="inspector-none">{moment === null ? 'No actors yet.' : whyNoChart(moment)}</p>
      ) : (
        <Drawing
          key={chart.drawn.key}
          shown={shown}
          moment={moment}
          chart={chart}
          name={name}
          scope={coverage ? scope : null}
        />
      )}
    </section>
  );
}

function whyNoChart({ actor }: ActorMoment): string {
  const { definition } = actor;
  if (definition?.isCut) return 'What is left of it cannot be drawn.';
  if (definition?.isMachine) return 'The definition of this machine cannot be drawn.';
  return 'This actor is not a machine (a promise, callback, observable or transition function): it has no chart.';
}

interface DrawingProps {
  readonly shown: ShownApp;
  readonly moment: ActorMoment;
  readonly chart: KeyedChart;
  readonly name: string;
  /** Null without a coverage. */
  readonly scope: Scope | null;
}

const none: ReadonlySet<string> = new Set();

function Drawing({ shown, moment, chart, name, scope }: DrawingProps): ReactNode {
  const { entries, moment: now } = shown;
  const { tree } = chart;
  const layout = useLayout(chart.drawn);
  const [edge, setEdge] = useState<string | null>(null);
  const usage = useUsage(shown, moment, chart, scope);
  const countdown = useCountdown(moment, tree, entries, now);
  const active = useMemo(
    () => (moment.state === null ? none : activeStates(tree.root, moment.state)),
    [tree, moment.state],
  );
  const taken = takenBy(moment, now.entry);
  const chosen = tree.edges.find(({ id }) => id === edge);
  if (layout === null) return <p className="inspector-none">Laying out the chart ...</p>;
  if ('problem' in layout) {
    return <p className="inspector-none tone bad">The chart cannot be drawn: {layout.problem}</p>;
  }
  return (
    <>
      <ChartDrawing
        layout={layout}
        name={`Chart of ${name}`}
        active={usage ? none : active}
        taken={usage ? null : taken}
        counts={usage?.counts.transitions ?? null}
        countsAreComplete={shown.app.ladder.forgotten === 0}
        visits={usage?.counts.states ?? null}
        selected={edge === null ? none : new Set([edge])}
        countdown={usage ? null : countdown}
        path={null}
        onSelectEdge={(id) => setEdge(id === edge ? null : id)}
      />
      <p className="inspector-legend">
        {chosen && <span>{visible(chosen.description)}</span>}
        {usage && <span>{totalWords(usage.totals)}</span>}
        {usage?.counts.hasGuesses && <span>Some transitions are guessed.</span>}
        {usage && shown.app.ladder.forgotten > 0 && <span>Forgotten events are not counted.</span>}
        {!usage && taken?.guessed && (
          <span>
            The last transition is <b>guessed</b> from the states before and after.
          </span>
        )}
      </p>
    </>
  );
}

function useUsage(
  { app, entries, moment }: ShownApp,
  { actor }: ActorMoment,
  { tree }: KeyedChart,
  scope: Scope | null,
) {
  const { definition } = actor;
  const session = scope === 'actor' ? actor.session : null;
  return useMemo(() => {
    if (scope === null || definition === null) return null;
    const counts = usageOf(app, entries, { definition, tree, session }, moment.cursor);
    return { counts, totals: totalsOf(definition, counts) };
  }, [app, entries, definition, tree, session, scope, moment.cursor]);
}

/** `5 of 8 transitions, 3 of 4 states used` */
function totalWords({ transitions, states }: UsageTotals): string {
  return `${transitions.used} of ${transitions.all} transitions, ${states.used} of ${states.all} states used`;
}

/** The transitions of the last event of an actor; when looking back only those of the event at the cursor. */
function takenBy({ last, actor }: ActorMoment, entry: ShownApp['moment']['entry']) {
  const event = entry?.kind === 'event' && entry.target === actor.session ? entry : last;
  const { transitions, guessed } = event?.outcome ?? {};
  if (!event || !transitions || transitions.length === 0) return null;
  return { edges: transitions, seq: event.number, guessed: guessed ?? false };
}
