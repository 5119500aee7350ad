/** Ladders of learned machines: what a client did, and what a server answered. */
import type { SessionStep } from '../../../machines/engine/learning/passive-session.js';
import {
  closedOutput,
  edgeOf,
  silence,
  stateNamed,
  type TimedMachine,
} from '../../../machines/engine/learning/timed-machine.js';
import { visible } from '../../../machines/text/format.js';
import { figureWidth, Lifelines, timeOf } from '../ladder.js';

const names = ['Client', 'Server'] as const;
const [client, server] = names;

interface Rung {
  readonly input: string;
  readonly output: string | null;
  /** Text beside the input and the output. */
  readonly asked?: string;
  readonly answered?: string;
}

/** A recorded session; each line has a line feed. @param inputs as the figure has them */
export function sessionLadder(steps: readonly SessionStep[], inputs: readonly string[]): string {
  const rungs = steps.map(({ inputs: [first = ''], output, at, answeredAt }, index) => ({
    input: inputs[index] ?? first,
    output,
    asked: timeOf(at).padStart(9),
    answered: timeOf(answeredAt).padStart(9),
  }));
  return ladder(rungs);
}

/** A session with a machine, given by its inputs. */
export function machineLadder(machine: TimedMachine, inputs: readonly string[]): string {
  let state = stateNamed(machine, machine.initial);
  const rungs: Rung[] = [];
  for (const input of inputs) {
    const edge = edgeOf(state, input);
    const length = edge && 'length' in edge && edge.length !== null ? edge.length : null;
    const answered = length === null ? '' : `after ${timeOf(length)}`;
    rungs.push({ input, output: edge?.output ?? '', answered });
    if (edge) state = stateNamed(machine, edge.to);
  }
  return ladder(rungs);
}

function ladder(rungs: readonly Rung[]): string {
  const labels = rungs.flatMap(({ input, output }) => [input, output ?? '']);
  const lines = new Lifelines(
    Math.max(figureWidth, ...labels.map(({ length }) => length + 6)),
    names,
  );
  const drawn = rungs.flatMap(({ input, output, asked = '', answered = '' }) => {
    const words = output?.split(' ').filter((word) => word !== '') ?? [];
    const sent =
      input === silence ? lines.note('silence') : lines.arrow(client, visible(input), false, asked);
    const nothing =
      output === '' ? lines.note(input === silence ? 'nothing happens' : 'no answer') : [];
    const came = words.flatMap((word) =>
      word === closedOutput
        ? lines.arrow(server, 'disconnect', true, answered)
        : lines.arrow(server, visible(word), false, answered),
    );
    return [...sent, ...came, ...nothing];
  });
  return [...lines.heads(), ...drawn, lines.line()].map((line) => `${line}\n`).join('');
}
