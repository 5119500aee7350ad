/** The session of the selected edge: what the figure and the server do in it, and how to play it again. */
import { type ReactNode, useEffect, useRef } from 'react';
import type { Difference } from '../../../machines/engine/learning/differences.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import {
  differingRung,
  type OverlayEdge,
  rungsOf,
} from '../../../machines/engine/learning/overlay.js';
import {
  type Witness,
  witnessSuite,
} from '../../../machines/registration/learning/witness-suite.js';
import { fileName, saveFile } from '../export/save-file.js';
import { visible } from '../parts/visible.js';
import { isDiffering, type Picked } from './picked.js';
import { WitnessLadder } from './witness-ladder.js';

interface WitnessPaneProps {
  readonly file: LearnedFile;
  readonly picked: Picked;
  /** The edges that are drawn together with the picked one, in which it is contained. */
  readonly beside: readonly OverlayEdge[];
  onEdge(edge: OverlayEdge): void;
  onClose(): void;
}

export function WitnessPane({
  file,
  picked,
  beside,
  onEdge,
  onClose,
}: WitnessPaneProps): ReactNode {
  const { edges, difference, witness } = picked;
  const differs = difference !== null || edges.some(isDiffering);
  const observed = rungsOf(file.machine, witness);
  const expected = file.expected && rungsOf(file.expected, witness);
  const isInMachine = difference === null || edges.some(isDiffering);
  const first = expected ? differingRung(expected, observed, file.tolerance) : null;
  const at = isInMachine ? first : witness.lastIndexOf(difference.input);
  const pane = useRef<HTMLElement>(null);
  const key = witness.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: in one column the pane may be out of view when another edge is selected.
  useEffect(() => pane.current?.scrollIntoView({ block: 'nearest' }), [key]);
  return (
    <section ref={pane} className="learned-pane" aria-label="Shortest session">
      <header>
        <h3>{visible(witness.join(', '), 400)}</h3>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      {beside.length > 1 && (
        <fieldset className="learned-inputs" aria-label="Inputs of this edge">
          {beside.map((edge) => (
            <button
              key={edge.id}
              type="button"
              aria-pressed={edges.includes(edge)}
              onClick={() => onEdge(edge)}
            >
              {visible(edge.input)}
            </button>
          ))}
        </fieldset>
      )}
      {!isInMachine && (
        <p className="learned-note">
          Only some sessions show this difference. The machine has what most of them show.
        </p>
      )}
      <div className="learned-ladders">
        {expected && (
          <WitnessLadder
            side="expected"
            rungs={expected}
            differsAt={differs ? at : null}
            instead={null}
          />
        )}
        <WitnessLadder
          side="observed"
          rungs={observed}
          differsAt={differs ? at : null}
          instead={isInMachine ? null : insteadOf(difference)}
        />
      </div>
      {difference?.kind === 'clock' && (
        <p className="learned-note">
          A clock shows only after a pause: the suite waits before the last message, and after it.
        </p>
      )}
      <PlayAgain file={file} witness={witness} kind={difference?.kind ?? null} />
    </section>
  );
}

function insteadOf({ kind, observed }: Difference): string {
  return kind === 'clock' ? `clock: ${observed}` : observed;
}

interface PlayAgainProps {
  readonly file: LearnedFile;
  readonly witness: readonly string[];
  readonly kind: Witness['kind'];
}

/** The session as a suite file, and the command that plays it. */
function PlayAgain({ file, witness, kind }: PlayAgainProps): ReactNode {
  const suite = witnessSuite(file, [{ witness, kind }]);
  if (suite === null) return null;
  const name = `${fileName('session', ...witness)}.suite`;
  // The command is meant to be copied into a shell, and the file may be from anywhere.
  const target = /^(tcp|tls|wss?):\/\/[\w.:[\]/-]+$/.test(file.target) ? file.target : 'ENDPOINT';
  return (
    <p className="learned-again">
      <button type="button" onClick={() => saveFile(name, suite, 'application/x-ndjson')}>
        Save as a suite
      </button>
      <span>
        Play it again: <code>{`ixgate conform ${target} --suite ${name}`}</code>
      </span>
    </p>
  );
}
