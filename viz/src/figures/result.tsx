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

/** The result of a figure: passed, or the difference in one sentence. */
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
  const against = target === 'chart' ? 'on the chart, with a simulated clock' : `against ${target}`;
  const rejected = nameNotLetIn(run);
  if (rejected !== null) {
    const sentence = `The gate rejects '${rejected}': enter the name of a client that it accepts.`;
    return ['inconclusive', sentence, [`Played ${against}.`]];
  }
  if (difference) {
    return [
      'differs',
      difference.sentence,
      [`Expected: ${difference.expected}.`, `Received: ${difference.came}.`, `Played ${against}.`],
    ];
  }
  const ending =
    watchedOpen === null
      ? timeout === null
        ? ''
        : ` The timeout was ${duration(timeout)}, from the first EventError to the disconnect.`
      : ` The connection was still open ${duration(watchedOpen)} later.`;
  return ['passed', `All arrows match, played ${against}.${ending}`, []];
}
