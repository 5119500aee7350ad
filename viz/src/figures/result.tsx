import type { ReactNode } from 'react';
import { duration } from '../../../machines/index.js';
import { nameNotLetIn } from './not-let-in.js';
import { clientNameField } from './settings.js';
import type { Play } from './use-plays.js';

const tones = {
  passed: 'Passed',
  playing: 'Playing',
  differs: 'Differs',
  inconclusive: 'Inconclusive',
  failed: 'Not played',
} as const;
type Tone = keyof typeof tones;

/** Whether a figure passed, or what differed, in one sentence. */
export function Result({ play }: { readonly play: Play | undefined }): ReactNode {
  const [tone, sentence, more] = resultOf(play);
  return (
    <p className={`figure-result ${tone ?? ''}`} role="status">
      {tone && <strong>{tones[tone]}.</strong>} <bdi>{sentence}</bdi>
      {tone === 'inconclusive' && (
        <button type="button" onClick={() => document.getElementById(clientNameField)?.focus()}>
          Enter a client name
        </button>
      )}
      {more.map((line) => (
        <span key={line}>
          <bdi>{line}</bdi>
        </span>
      ))}
    </p>
  );
}

function resultOf(play: Play | undefined): [tone: Tone | null, sentence: string, more: string[]] {
  if (!play) return [null, '', []];
  if (play.state === 'playing') return ['playing', '', []];
  const { run, problem } = play;
  if (!run) return ['failed', problem ?? '', []];
  const { difference, timeout, watchedOpen, target } = run;
  const against = target === 'chart' ? 'on the chart, in a simulated clock' : `against ${target}`;
  const rejected = nameNotLetIn(run);
  if (rejected !== null) {
    const sentence = `The gate does not let in '${rejected}': give the name of a client that it lets in.`;
    return ['inconclusive', sentence, [`Played ${against}.`]];
  }
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
