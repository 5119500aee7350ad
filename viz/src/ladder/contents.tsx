import type { ReactNode } from 'react';
import { duration, mask } from '../../../machines/index.js';
import { localTime, utcTime } from '../parts/times.js';
import type { StepRecord } from '../state/contracts.js';
import { contentsOf } from './find.js';
import { Marked } from './marked.js';
import { placeWords } from './words.js';

interface ContentsProps {
  readonly id: string;
  readonly step: StepRecord;
  readonly find: string;
}

/** An opened step: what the chart did with it, and the message as it was recorded. */
export function Contents({ id, step, find }: ContentsProps): ReactNode {
  const text = contentsOf(step);
  const place = placeWords(step);
  return (
    <section id={id} className="ladder-contents" aria-label={`Contents of step ${step.seq}`}>
      <dl>
        <dt>step</dt>
        <dd>{step.seq}</dd>
        <dt>at</dt>
        <dd title={utcTime(step.at)}>{localTime(step.at)}</dd>
        {place && (
          <>
            <dt>in</dt>
            <dd>
              <Marked text={place} find={find} />
            </dd>
          </>
        )}
        <dt>state</dt>
        <dd>{step.from === step.to ? `stays ${step.to}` : `${step.from} to ${step.to}`}</dd>
        <dt>transition</dt>
        <dd>{step.transition.join(' + ') || 'none'}</dd>
        {step.deadline !== null && (
          <>
            <dt>deadline</dt>
            <dd>{duration(step.deadline)} left</dd>
          </>
        )}
      </dl>
      {text && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <pre tabIndex={0}>
          <Marked text={text} find={find} />
        </pre>
      )}
      {text.includes(`"${mask}"`) && (
        <p>{mask} stands for a value that was masked when the step was recorded.</p>
      )}
    </section>
  );
}
