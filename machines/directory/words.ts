/** Steps and states of the directory's model in words. */
import {
  type DirectoryState,
  type Entry,
  type Grant,
  liveEntry,
  mode,
  type Operation,
  outcome,
  request,
} from './state.js';
import type { DirectoryStep } from './step.js';

export const gateName = (gate: number) => `gate ${'ABC'[gate] ?? gate}`;

const grant = ({ session, epoch }: Grant) => `session ${session} (epoch ${epoch})`;
const grants = (some: readonly Grant[]) => some.map(grant).join(' and ') || 'nothing';

function requestText({ kind, names }: Operation): string {
  switch (kind) {
    case request.join:
      return 'the request to join';
    case request.renew:
      return 'the renewal';
    case request.claim:
      return `the claim of session ${names[0]?.session}`;
    case request.release:
      return `the release of ${grants(names)}`;
    case request.held:
      return 'the question what it holds';
    default:
      return `the reassertion of ${grants(names)}`;
  }
}

function answerText(answer: Operation): string {
  const { kind, names, found, lost, epoch } = answer;
  if (answer.outcome === outcome.lapsed) return 'its lease has ended';
  if (answer.outcome === outcome.held) return 'the name is held';
  switch (kind) {
    case request.join:
      return 'it has joined';
    case request.renew:
      return 'renewed';
    case request.claim:
      return `session ${names[0]?.session} has epoch ${epoch}`;
    case request.release:
      return 'released';
    case request.held:
      return `it holds ${grants(found)}`;
    default:
      return lost.length > 0 ? `session ${lost.join(' and ')} has lost the name` : 'written';
  }
}

/** A step as a sentence without a full stop. @param before the state before it @param after the state after it */
export function describeStep(
  { action, gate, index }: DirectoryStep,
  before: DirectoryState,
  after: DirectoryState,
): string {
  const name = gateName(gate);
  const { wire = [] } = before.gates[gate] ?? {};
  const requests = wire.filter((one) => one.outcome === outcome.none);
  switch (action) {
    case 'execute': {
      const [first] = requests;
      const at = first ? wire.indexOf(first) : -1;
      const answer = after.gates[gate]?.wire[at];
      return `the store takes ${first ? requestText(first) : ''} of ${name}: ${answer ? answerText(answer) : ''}`;
    }
    case 'answer':
      return `${name} reads the answer to ${wire[0] ? requestText(wire[0]) : ''}: ${wire[0] ? answerText(wire[0]) : ''}`;
    case 'kick':
      return `${name} hears the kick of ${grants(before.kicks.slice(index, index + 1))}`;
    case 'late': {
      const late = before.late.find((one) => one.gate === gate);
      return `${late ? requestText(late.operation) : ''} of a lost connection of ${name} reaches the store`;
    }
    case 'tick':
      return 'time passes';
    case 'keep-alive':
      return `${name} sends ${before.gates[gate]?.incarnation === 0 ? 'a request to join' : 'a renewal'}`;
    case 'claim':
      return `${name} claims the name for session ${after.claims}`;
    case 'end':
      return `the client of ${grants((before.gates[gate]?.sessions ?? []).slice(index, index + 1))} leaves ${name}`;
    case 'crash':
      return `FAULT: ${name} is killed`;
    case 'restart':
      return `${name} is started again`;
    case 'pause':
      return `FAULT: ${name} stands still`;
    case 'resume':
      return `${name} goes on`;
    case 'stall':
      return `FAULT: nothing passes between ${name} and the store`;
    case 'flow':
      return `the store answers ${name} again`;
    case 'cut':
      return `FAULT: the connection of ${name} is lost, with all requests and answers`;
    case 'cut-late':
      return `FAULT: the connection of ${name} is lost, and ${requests[index] ? requestText(requests[index]) : ''} is still on its way`;
    case 'kick-lost':
      return `FAULT: the kick of ${grants(before.kicks.slice(index, index + 1))} is lost`;
    case 'lag':
      return 'a copy of the store no longer follows it';
    case 'failover':
      return 'FAULT: the copy becomes the store; later writes are lost';
    case 'empty':
      return 'FAULT: the store restarts without its data';
  }
}

/** A state in one line: the holder in the store, and the sessions of each gate. */
export function describeState(state: DirectoryState): string {
  const entry: Entry | null = liveEntry(state.store);
  const holder = entry ? `${gateName(entry.gate)}, ${grant(entry)}` : 'free';
  const gates = state.gates.map((gate, at) => {
    const stands =
      gate.mode === mode.down
        ? 'down'
        : gate.mode === mode.paused
          ? 'still, '
          : gate.mode === mode.stalled
            ? 'cut off, '
            : '';
    if (gate.mode === mode.down) return `${gateName(at)}: ${stands}`;
    const lease = gate.incarnation > 0 ? `lease ${gate.deadline}` : 'not joined';
    return `${gateName(at)}: ${stands}${lease}, ${grants(gate.sessions)}`;
  });
  return `store: ${holder} | ${gates.join(' | ')}`;
}
