import type { ReactNode } from 'react';
import {
  describeConfiguration,
  missingFollowers,
  type RegistrationEdge,
  registrationEdges,
} from '../../../machines/index.js';
import { counted } from '../parts/times.js';
import { nothingSelected } from '../state/stage.js';
import { select, usePage } from '../state/store.js';
import type { CountsInView } from './use-counts.js';

const documented = registrationEdges.filter(({ figures }) => figures.length > 0);

/** The documented transitions with their counts, and everything that is not covered. */
export function CoverageLists({ opened, counts, parts }: CountsInView) {
  const others = parts.protocolSteps.missing.filter(({ figures }) => figures.length === 0);
  return (
    <div className="coverage-lists">
      <Lit opened={opened} />
      <List title="Documented transitions" note={shareOf(parts.documented)} open>
        {documented.map((edge) => (
          <Transition key={edge.id} edge={edge} count={counts.transitions.get(edge.id) ?? 0} />
        ))}
      </List>
      <Missing title="States never reached" of={parts.states.missing}>
        {parts.states.missing.map((state) => (
          <Item key={state} name={state} words={describeConfiguration(state)} />
        ))}
      </Missing>
      <Missing title="Other steps never taken" of={others}>
        {others.map((edge) => (
          <Transition key={edge.id} edge={edge} count={0} />
        ))}
      </Missing>
      <Missing title="Pairs of steps that never came" of={parts.pairsOfSteps.missing} closed>
        {missingFollowers(parts).map(({ first, seconds, of }) => (
          <Item
            key={first}
            name={first}
            words={`never followed by ${seconds.length === of ? `any of the ${of} that can` : seconds.join(', ')}`}
          />
        ))}
      </Missing>
      <Missing
        title="Unexpected, never seen"
        of={parts.unexpected.missing}
        note="stated outcomes that are no step; the chart does not draw them"
        closed
      >
        {parts.unexpected.missing.map((edge) => (
          <Item key={edge.id} name={edge.id} words={edge.description} />
        ))}
      </Missing>
    </div>
  );
}

function shareOf({ covered, of }: { readonly covered: number; readonly of: number }): string {
  return `${covered} of ${of} covered`;
}

/** The transition that is lit, with who took it how often. */
function Lit({ opened }: Pick<CountsInView, 'opened'>) {
  const [edge] = usePage((state) => state.selection).edges;
  const { coverage } = opened;
  const seats = coverage.seats.map(
    (seat) => `${seat} ${counted(coverage.of(seat).transitions.get(edge ?? '') ?? 0)}`,
  );
  return (
    <p className="coverage-lit" role="status">
      {edge === undefined
        ? 'Press a transition, here or on the chart, to see which seat took it.'
        : `${edge}: ${seats.join(', ')}`}
    </p>
  );
}

interface ListProps {
  readonly title: string;
  readonly note: string;
  readonly open?: boolean;
  readonly children: ReactNode;
}

function List({ title, note, open = false, children }: ListProps) {
  return (
    <details open={open}>
      <summary>
        <b>{title}</b> <span>{note}</span>
      </summary>
      <ul>{children}</ul>
    </details>
  );
}

interface MissingProps {
  readonly title: string;
  readonly of: readonly unknown[];
  readonly note?: string;
  readonly closed?: boolean;
  readonly children: ReactNode;
}

/** A list of what is missing; nothing is missing, nothing is listed. */
function Missing({ title, of, note, closed = false, children }: MissingProps) {
  if (of.length === 0) return null;
  const words = note === undefined ? String(of.length) : `${of.length}: ${note}`;
  return (
    <List title={title} note={words} open={!closed}>
      {children}
    </List>
  );
}

function Item({ name, words }: { name: string; words: string }) {
  return (
    <li>
      <code>{name}</code>
      <span>{words}</span>
    </li>
  );
}

/** A transition to press: the chart shows where it is. */
function Transition({ edge, count }: { edge: RegistrationEdge; count: number }) {
  const lit = usePage((state) => state.selection.edges.has(edge.id));
  const times = count === 0 ? 'never' : counted(count);
  return (
    <li>
      <button
        type="button"
        className="coverage-transition"
        aria-pressed={lit}
        onClick={() =>
          select(lit ? nothingSelected : { edges: new Set([edge.id]), steps: new Set() })
        }
      >
        <code>{edge.id}</code>
        <b className={count === 0 ? 'never' : undefined}>{times}</b>
        <span>{edge.description}</span>
      </button>
    </li>
  );
}
