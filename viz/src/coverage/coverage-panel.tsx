import type { Coverage, CoveredPart } from '../../../machines/index.js';
import { OpenedFile } from '../parts/opened-file.js';
import { counted } from '../parts/times.js';
import { closeCoverage, show, usePage } from '../state/store.js';
import { CoverageLists } from './coverage-lists.js';
import { type CountsInView, useCounts } from './use-counts.js';

/** What the coverage in the view covers: which one, of which seat, in numbers, and by name what is missing. */
export function CoveragePanel() {
  const shown = useCounts();
  if (!shown) return null;
  return (
    <section className="coverage-panel" aria-label="Coverage">
      <Opened chosen={shown.opened.name} />
      <Seats coverage={shown.opened.coverage} chosen={shown.seat} />
      <Totals {...shown} />
      <CoverageLists {...shown} />
    </section>
  );
}

/** The coverages that are open. Closing the last one leads back to the sessions. */
function Opened({ chosen }: { chosen: string }) {
  const coverages = usePage((state) => state.coverages);
  return (
    <fieldset className="coverage-files" aria-label="Which coverage">
      {coverages.map(({ name, coverage }) => (
        <OpenedFile
          key={name}
          name={name}
          sessions={coverage.total.sessions}
          isChosen={name === chosen}
          onChoose={() => show({ coverage: name, seat: '' })}
          onClose={() => closeCoverage(name)}
        />
      ))}
    </fieldset>
  );
}

/** Whose coverage is drawn. One seat alone leaves nothing to choose. */
function Seats({ coverage, chosen }: { coverage: Coverage; chosen: string | null }) {
  const { seats } = coverage;
  if (seats.length < 2) return null;
  return (
    <fieldset className="coverage-seats" aria-label="Which seat">
      <button type="button" aria-pressed={chosen === null} onClick={() => show({ seat: '' })}>
        All seats
      </button>
      {seats.map((seat) => (
        <button
          key={seat}
          type="button"
          aria-pressed={chosen === seat}
          onClick={() => show({ seat })}
        >
          {seat}
        </button>
      ))}
    </fieldset>
  );
}

function Totals({ counts, parts }: CountsInView) {
  return (
    <table className="coverage-table">
      <caption>
        {counted(counts.sessions)} {counts.sessions === 1 ? 'session' : 'sessions'},{' '}
        {counted(counts.steps)} {counts.steps === 1 ? 'step' : 'steps'}
        {counts.foreign > 0 && `, ${counted(counts.foreign)} of them none of this chart's`}
      </caption>
      <tbody>
        <Row label="States" part={parts.states} />
        <Row label="Transitions" part={parts.transitions} />
        <Row label="documented" part={parts.documented} inner />
        <Row label="steps" part={parts.protocolSteps} inner />
        <Row label="unexpected" part={parts.unexpected} inner />
        <Row label="Pairs" part={parts.pairs} />
        <Row label="of steps" part={parts.pairsOfSteps} inner />
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly label: string;
  readonly part: CoveredPart<unknown>;
  /** A part of the row above. */
  readonly inner?: boolean;
}

function Row({ label, part: { covered, of }, inner = false }: RowProps) {
  return (
    <tr className={inner ? 'inner' : undefined}>
      <th scope="row">{label}</th>
      <td>
        {covered} of {of}
      </td>
      <td aria-hidden="true">
        <span className="coverage-share">
          <span style={{ width: `${(100 * covered) / of}%` }} />
        </span>
      </td>
    </tr>
  );
}
