import { useEffect } from 'react';
import type { CoveredPart } from '../../../machines/index.js';
import { CoverageChart } from '../chart/index.js';
import { NotOpen } from '../parts/not-open.js';
import { visible } from '../parts/visible.js';
import { nothingSelected } from '../state/stage.js';
import { select, usePage } from '../state/store.js';
import { useCounts } from './use-counts.js';
import './coverage.css';

/** The chart with the coverage in the view and a legend; without a coverage, how to open one. */
export function CoverageStage({ onOpen }: { onOpen(): void }) {
  const shown = useCounts();
  const name = usePage((state) => state.view.coverage);
  const selection = usePage((state) => state.selection);
  const title = shown ? `Coverage of ${visible(shown.opened.name)}` : 'Coverage';
  useEffect(() => {
    document.title = `${title} - ixgate`;
  }, [title]);
  if (!shown) {
    return (
      <NotOpen what="coverage" name={name} file="a coverage file" onOpen={onOpen}>
        Drop a coverage file on the page, or open it.{' '}
        <code>ixgate coverage RECORDINGS --out FILE</code> writes one.
      </NotOpen>
    );
  }
  const { counts, parts, seat } = shown;
  return (
    <div className="page-stage">
      <section className="coverage-bar" aria-label="Legend">
        <h2 className="coverage-title">
          {title}
          {seat !== null && `, ${seat} seat`}
        </h2>
        <ul className="coverage-totals">
          <Total part={parts.states} words="states" />
          <Total part={parts.protocolSteps} words="steps" />
          <Total part={parts.documented} words="documented" />
          <Total part={parts.pairsOfSteps} words="pairs of steps" />
        </ul>
        <ul className="coverage-legend">
          <li>
            <Sample covered /> covered, with its count
          </li>
          <li>
            <Sample covered={false} /> never covered
          </li>
        </ul>
      </section>
      <section className="coverage-chart" aria-label="Chart">
        <CoverageChart
          counts={counts}
          selected={selection.edges}
          onSelectEdge={(edge) =>
            select(
              selection.edges.has(edge)
                ? nothingSelected
                : { edges: new Set([edge]), steps: new Set() },
            )
          }
        />
      </section>
    </div>
  );
}

function Total({ part, words }: { part: CoveredPart<unknown>; words: string }) {
  return (
    <li>
      <b>
        {part.covered} of {part.of}
      </b>{' '}
      {words}
    </li>
  );
}

/** A sample line for the legend. */
function Sample({ covered }: { covered: boolean }) {
  return (
    <svg
      className={`coverage-sample ${covered ? 'covered' : 'uncovered'}`}
      viewBox="0 0 40 14"
      width="40"
      height="14"
      aria-hidden="true"
    >
      <path d="M1,7H24" />
      <rect x="25" y="1" width="14" height="12" rx="6" />
      <text x="32" y="10.5" textAnchor="middle">
        {covered ? 'n' : '0'}
      </text>
    </svg>
  );
}
