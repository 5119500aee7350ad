/** A counterexample of the checker as text for a terminal. */
import { disconnectWords } from '../../machines/registration/chart/seat.js';
import { type Lifeline, lifelines } from '../../machines/registration/figures/figures.js';
import type {
  Counterexample,
  CounterexampleStep,
} from '../../machines/registration/product/check.js';
import {
  conversationOf,
  type Utterance,
} from '../../machines/registration/product/conversation.js';
import { type LadderArrow, margin, renderLadder } from './ladder.js';
import { noPaint, type Paint } from './paint.js';

type Rung = Parameters<typeof renderLadder>[0][number];

/**
 * Draws a counterexample as a ladder. Steps are numbered from 1. A message is drawn where it is sent, with the number of the step in
 * which it is received.
 * @returns lines, each with its line end.
 */
export function renderCounterexample(
  counterexample: Counterexample,
  paint: Paint = noPaint,
): string {
  const { steps, repeatsFrom } = counterexample;
  const said = new Map(conversationOf(counterexample).map((one) => [one.sentAt, one]));
  const rungs = steps.flatMap((step, index) => {
    const again = note('repeats from here');
    return [...(index === repeatsFrom ? [again] : []), ...rungsOf(step, index, said.get(index))];
  });
  const last = steps.at(-1);
  const timers = last?.timers.length ? last.timers.join(' and ') : 'no deadline';
  const ends = [
    `Then the server is in ${last?.server} (${timers} runs) and the client in ${last?.client}.`,
    ...(repeatsFrom === null
      ? []
      : [`Steps ${repeatsFrom + 1} to ${steps.length} repeat for ever.`]),
  ];
  const ladder = renderLadder(rungs, { paint, times: false });
  return `${ladder}\n${ends.map((line) => `${margin}${line}\n`).join('')}`;
}

function rungsOf(step: CounterexampleStep, index: number, said?: Utterance): Rung[] {
  const { kind, seat, sentence } = step;
  const numbered = note(`${index + 1}: ${sentence}`);
  if (kind === 'connects') return [arrow('connect', lifelines[0], `step ${index + 1}`)];
  if (said && kind === 'sends') return [messageArrow(step, said)];
  // The arrow shows the step in which the message is received.
  if (kind === 'receives') return [];
  const isEnd = step[seat ?? 'server'].startsWith('disconnected');
  if (kind === 'closes') return [ending(step, index)];
  return kind === 'timer' && isEnd ? [numbered, ending(step, index)] : [numbered];
}

function messageArrow({ seat, valid, purpose }: CounterexampleStep, said: Utterance): LadderArrow {
  const { message, sentAt, receivedAt } = said;
  const received = receivedAt === null ? 'not received' : `received in ${receivedAt + 1}`;
  const validity = valid === null ? '' : valid ? ', valid' : ', invalid';
  const mark = `step ${sentAt + 1}, ${received}${validity}${purpose === 'unsolicited' ? ', unsolicited' : ''}`;
  return { ...arrow('message', lifelineOf(seat), mark), message };
}

function ending({ seat, reason }: CounterexampleStep, index: number): LadderArrow {
  const detail = reason === null ? {} : { detail: disconnectWords(reason, seat ?? 'server') };
  return { ...arrow('disconnect', lifelineOf(seat), `step ${index + 1}`), ...detail };
}

function arrow(kind: LadderArrow['kind'], from: Lifeline, mark: string): LadderArrow {
  return { kind, from, at: 0, message: null, mark };
}

function note(label: string): Rung {
  return { kind: 'note', label };
}

function lifelineOf(seat: CounterexampleStep['seat']): Lifeline {
  return seat === 'client' ? lifelines[0] : lifelines[1];
}
