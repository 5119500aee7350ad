import { type CSSProperties, useEffect, useRef } from 'react';
import { Chart } from '../chart/index.js';
import { CoverageStage } from '../coverage/index.js';
import { Ladder } from '../ladder/index.js';
import { useNarrow } from '../parts/use-narrow.js';
import { chooseFiles } from '../recordings/index.js';
import { nameFor, wordsFor } from '../sessions/index.js';
import type { SessionView } from '../state/contracts.js';
import { show, usePage } from '../state/store.js';
import { useChart, useLadder, useSessionOnStage } from '../state/use-stage.js';
import { Aside } from './aside.js';
import { LearnedStage } from './lazy-learned.js';
import { Splitter, useSplit } from './splitter.js';
import { VerdictBar } from './verdict-bar.js';
import { Welcome } from './welcome.js';

interface WorkspaceProps {
  /** Whether the list covers the rest (one-column layout only). */
  readonly listOpen: boolean;
  onCloseList(): void;
}

/**
 * Panel, verdict, chart and ladder; or a coverage; or a learned machine. In the one-column layout the chart comes first. The parts change places in the document
 * too, so that the Tab key follows the visible order. Their React keys preserve their state.
 */
export function Workspace({ listOpen, onCloseList }: WorkspaceProps) {
  const tab = usePage((state) => state.view.tab);
  const session = useSessionOnStage();
  const [share, setShare] = useSplit();
  const narrow = useNarrow();
  useTitle(tab === 'coverage' || tab === 'learned' ? null : titleOf(session));

  const aside = <Aside key="aside" onClose={onCloseList} />;
  const chart = <ChartPart key="chart" session={session} inert={listOpen} />;
  const verdict = session && <VerdictBar key="verdict" session={session} inert={listOpen} />;
  const ladder = <LadderPart key="ladder" session={session} inert={listOpen} />;
  const stage =
    tab === 'coverage' ? (
      <CoverageStage key="coverage" onOpen={chooseFiles} />
    ) : tab === 'learned' ? (
      <LearnedStage key="learned" onOpen={chooseFiles} />
    ) : null;
  const parts =
    stage !== null
      ? narrow
        ? [stage, aside]
        : [aside, stage]
      : narrow
        ? [chart, aside, verdict, ladder]
        : [
            aside,
            verdict,
            chart,
            <Splitter key="splitter" share={share} onShare={setShare} />,
            ladder,
          ];
  const main = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tab begins at its top.
  useEffect(() => main.current?.scrollTo(0, 0), [tab]);
  const shares = { '--chart': `${share}fr`, '--ladder': `${100 - share}fr` } as CSSProperties;
  return (
    <main
      ref={main}
      className={`page-main workspace ${listOpen ? 'list-open' : ''}`}
      style={shares}
    >
      {parts}
    </main>
  );
}

interface PartProps {
  readonly session: SessionView | null;
  readonly inert: boolean;
}

function ChartPart({ session, inert }: PartProps) {
  return (
    <section className="page-chart" aria-label="Chart" inert={inert}>
      <Chart {...useChart(session)} />
    </section>
  );
}

function LadderPart({ session, inert }: PartProps) {
  const view = usePage((state) => state.view);
  const connection = usePage((state) => state.connection);
  const listed = usePage((state) => state.listed);
  const known = usePage((state) => state.live.size + state.recordings.length);
  const unknown = usePage((state) => state.unknown.has(state.view.session ?? ''));
  const ladder = useLadder(session);
  return (
    <section className="page-ladder" aria-label="Ladder" inert={inert}>
      {ladder ? (
        <Ladder {...ladder} />
      ) : (
        <Welcome
          view={view}
          connection={connection}
          listed={listed}
          known={known}
          unknown={unknown}
          onSimulate={() => show({ tab: 'simulator' })}
          onOpenRecording={chooseFiles}
          onBack={() => show({ recording: null, session: null, cursor: null })}
        />
      )}
    </section>
  );
}

function titleOf(session: SessionView | null): string {
  if (!session) return 'ixgate';
  const { origin, summary } = session;
  const name = origin === 'simulator' || origin === 'figure' ? origin : nameFor(summary);
  return `${name}: ${wordsFor(summary.verdict)} - ixgate`;
}

/** The title of the document; null leaves it to another part. */
function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = title;
  }, [title]);
}
