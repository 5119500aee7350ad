import type { ReactNode } from 'react';
import { duration } from '../../../machines/index.js';
import type { Play } from './use-plays.js';

/** Whether a figure passed, or what differed, in one sentence. */
export function Result({ play }: { readonly play: Play | undefined }): ReactNode {
  const [tone, sentence, more] = resultOf(play);
  return (
    <p className={`figure-result ${tone}`} role="status">
      {tone && (
        <strong>
          {tone === 'passed'
            ? 'Passed'
            : tone === 'playing'
              ? 'Playing'
              : tone === 'differs'
                ? 'Differs'
                : 'Not played'}
          .
        </strong>
      )}{' '}
      <bdi>{sentence}</bdi>
      {more.map((line) => (
        <span key={line}>
          <bdi>{line}</bdi>
        </span>
      ))}
    </p>
  );
}

function resultOf(play: Play | undefined): [tone: string, sentence: string, more: string[]] {
  if (!play) return ['', '', []];
  if (play.state === 'playing') return ['playing', '', []];
  const { run, problem } = play;
  if (!run) return ['failed', problem ?? '', []];
  const { difference, timeout, watchedOpen, target } = run;
  const against = target === 'chart' ? 'on the chart, in a simulated clock' : `against ${target}`;
  if (difference) {
    return [
      'differs',
      difference.sentence,
      [`Expected: ${difference.expected}.`, `Came: ${difference.came}.`, `Played ${against}.`],
    ];
  }
  const ending =
    watchedOpen === null
      ? timeout === null
        ? ''
        : ` The timeout was ${duration(timeout)}, from the first EventError to the disconnect.`
      : ` Still open ${duration(watchedOpen)} later.`;
  return ['passed', `Every arrow came as drawn, played ${against}.${ending}`, []];
}
