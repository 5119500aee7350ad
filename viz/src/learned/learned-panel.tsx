import type { ReactNode } from 'react';
import type { Difference } from '../../../machines/engine/learning/differences.js';
import { OpenedFile } from '../parts/opened-file.js';
import { counted } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import { closeLearned, show, usePage } from '../state/store.js';
import { pickDifference, pickNothing, usePicked } from './picked.js';
import { type LearnedInView, useLearned } from './use-learned.js';

/** The learned machine in the view: its file, its differences from the figure, and its gaps. */
export function LearnedPanel(): ReactNode {
  const shown = useLearned();
  if (!shown) return null;
  const { file } = shown.opened;
  return (
    <section className="learned-panel" aria-label="Learned machine">
      <Opened chosen={shown.opened.name} />
      <p className="learned-target">
        {visible(file.protocol)} of <code>{visible(file.target, 300)}</code>, from{' '}
        {counted(file.connections)} {file.connections === 1 ? 'session' : 'sessions'}
      </p>
      <Result {...shown} />
      <Differences {...shown} />
      <Unknown lines={file.unknown} />
    </section>
  );
}

/** The open files. Closing the last one leads back to the sessions. */
function Opened({ chosen }: { chosen: string }) {
  const learned = usePage((state) => state.learned);
  return (
    <fieldset className="learned-files" aria-label="Learned machines">
      {learned.map(({ name, file }) => (
        <OpenedFile
          key={name}
          name={name}
          sessions={file.connections}
          isChosen={name === chosen}
          onChoose={() => show({ learned: name })}
          onClose={() => closeLearned(name)}
        />
      ))}
    </fieldset>
  );
}

function Result({ opened, overlay, differences }: LearnedInView) {
  const { expected, guarantee } = opened.file;
  const unseen = overlay.edges.filter(({ status }) => status === 'unseen').length;
  const count = differences.length;
  const words =
    expected === null
      ? 'The file has no figure to compare with.'
      : count === 0
        ? 'Equals the figure: everything that was observed agrees.'
        : `${count} ${count === 1 ? 'difference' : 'differences'} from the figure`;
  return (
    <>
      <p className={`learned-result ${count > 0 ? 'bad' : expected === null ? '' : 'ok'}`}>
        <b>{words}</b>
      </p>
      {unseen > 0 && (
        <p className="learned-note">
          {unseen === 1 ? 'One edge was' : `${unseen} edges were`} not observed.
        </p>
      )}
      {guarantee !== null && <p className="learned-note">Guarantee: {visible(guarantee, 600)}</p>}
    </>
  );
}

function Differences(shown: LearnedInView) {
  const picked = usePicked(shown);
  if (shown.differences.length === 0) return null;
  return (
    <ol className="learned-differences" aria-label="Differences">
      {shown.differences.map((difference, number) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: the list of a file never changes.
          key={number}
        >
          <button
            type="button"
            aria-pressed={picked?.number === number}
            onClick={() =>
              picked?.number === number ? pickNothing() : pickDifference(shown, number)
            }
          >
            <DifferenceWords {...difference} />
          </button>
        </li>
      ))}
    </ol>
  );
}

function DifferenceWords({ kind, ...difference }: Difference) {
  const { input, expectedState, observedState, expected, observed, witness } = difference;
  const states =
    expectedState === observedState ? expectedState : `${expectedState} (${observedState})`;
  return (
    <>
      <span className="learned-what">
        <b>{visible(input)}</b> in {visible(states)} <span className="learned-kind">{kind}</span>
      </span>
      <span className="learned-expected">expected: {visible(expected)}</span>
      <span className="learned-observed">observed: {visible(observed)}</span>
      <span className="learned-witness">shortest session: {visible(witness.join(', '), 400)}</span>
    </>
  );
}

function Unknown({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <details className="learned-unknown">
      <summary>
        <b>Not known</b> <span>{lines.length}</span>
      </summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{visible(line, 600)}</li>
        ))}
      </ul>
    </details>
  );
}
