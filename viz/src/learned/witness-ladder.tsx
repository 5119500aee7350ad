/** What a machine does in a session, as a ladder. */
import type { ReactNode } from 'react';
import type { SessionRung } from '../../../machines/engine/learning/overlay.js';
import {
  closedOutput,
  endsSession,
  silence,
} from '../../../machines/engine/learning/timed-machine.js';
import { Arrow, Note } from '../ladder/index.js';
import { visible } from '../parts/visible.js';
import { clockWords, lengthText } from './words.js';

interface WitnessLadderProps {
  readonly side: 'expected' | 'observed';
  readonly rungs: readonly SessionRung[];
  /** The index of the first input at which the machines differ; null when they agree. */
  readonly differsAt: number | null;
  /** What happens at the first differing input instead of what the machine does; null for the machine. */
  readonly instead: string | null;
}

const titles = { expected: 'Expected', observed: 'Observed' } as const;
const toServer = { kind: 'message', from: 'Client', to: 'Interaction Server' } as const;
const toClient = { kind: 'message', from: 'Interaction Server', to: 'Client' } as const;
const end = { ...toClient, kind: 'disconnect' } as const;

export function WitnessLadder(props: WitnessLadderProps): ReactNode {
  const { side, rungs, differsAt, instead } = props;
  return (
    <section className={`learned-ladder ${side}`} aria-label={`${titles[side]} session`}>
      <h4>{titles[side]}</h4>
      <span className="ladder-lane ladder-heads" aria-hidden="true">
        <span className="ladder-head">Client</span>
        <span className="ladder-head">Server</span>
      </span>
      <ol>
        {rungs.map((rung, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a session never changes its order.
            key={index}
            className={`ladder-lane ${differsAt !== null && index >= differsAt ? 'differs' : ''}`}
          >
            <Sent {...rung} />
            {index === differsAt && instead !== null ? (
              <Note tone="odd">{visible(instead)}</Note>
            ) : (
              <Answers {...rung} />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Sent({ input }: SessionRung): ReactNode {
  if (input === silence) return <Note>silence</Note>;
  return (
    <Arrow arrow={toServer}>
      <span className="visually-hidden">client to server: </span>
      {visible(input)}
    </Arrow>
  );
}

function Answers({ edge, input, isKnown }: SessionRung): ReactNode {
  if (!isKnown) return <Note tone="odd">not observed</Note>;
  if (!edge) return <Note>nothing happens</Note>;
  const words = edge.output.split(' ').filter((word) => word !== '');
  const below = endsSession(edge.output) ? lengthText(edge) : clockWords[edge.clock];
  if (words.length === 0) {
    const nothing = input === silence ? 'nothing happens' : 'no answer';
    return <Note>{below === null ? nothing : `${nothing}; ${below}`}</Note>;
  }
  return words.map((word, index) => (
    <Arrow
      // biome-ignore lint/suspicious/noArrayIndexKey: the outputs of an edge never change.
      key={index}
      arrow={word === closedOutput ? end : toClient}
      below={index === words.length - 1 ? below : null}
    >
      <span className="visually-hidden">server to client: </span>
      {word === closedOutput ? 'disconnect' : visible(word)}
    </Arrow>
  ));
}
