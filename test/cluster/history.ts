import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecording, type StepRecord } from '../../machines/index.js';
import { ixgate } from '../cli/ixgate.js';

/** A registration in the recordings of a cluster. Times are milliseconds since 1970. */
export interface Registration {
  readonly node: string;
  readonly session: string;
  readonly clientName: string;
  /** Null for a name that was granted without the store. */
  readonly epoch: number | null;
  readonly from: number;
  /** When it last did something: it was registered, or handled a message of its client. */
  readonly lastAct: number;
  /** Null where the process was killed before it recorded the end. */
  readonly to: number | null;
  readonly reason: string | null;
}

/** Two registrations of a name at one time. */
export interface Overlap {
  /** Milliseconds. */
  readonly ms: number;
  readonly where: string;
}

/** The registrations in the recordings of a folder, in the order of time. */
export async function registrationsIn(folder: string): Promise<Registration[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith('.jsonl'),
  );
  const all = await Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const node = String((JSON.parse(text.split('\n', 1)[0] || '{}') as { node?: unknown }).node);
      const { steps, problems } = parseRecording(text);
      if (problems.length > 0) throw new Error(`${name}: ${JSON.stringify(problems[0])}`);
      return steps.map((step) => ({ node, step }));
    }),
  );
  const sessions = new Map<string, { node: string; steps: StepRecord[] }>();
  for (const { node, step } of all.flat()) {
    const known = sessions.get(step.session);
    if (known) known.steps.push(step);
    else sessions.set(step.session, { node, steps: [step] });
  }
  return [...sessions.values()]
    .flatMap(({ node, steps }) => registrationOf(node, steps) ?? [])
    .sort((one, other) => one.from - other.from);
}

function registrationOf(node: string, steps: readonly StepRecord[]): Registration | null {
  const grant = steps.find(({ from, to }) => to === 'registered' && from !== 'registered');
  if (!grant) return null;
  const request = steps.find(({ name }) => name === 'RequestRegisterClient');
  const isAct = ({ kind, direction, at }: StepRecord) =>
    kind === 'message' && direction === 'in' && at >= grant.at;
  const acts = [grant, ...steps.filter(isAct)];
  const end = steps.find(({ to }) => to === 'disconnected');
  return {
    node,
    session: grant.session,
    clientName: String(Object(request?.payload).clientName),
    epoch: grant.epoch ?? null,
    from: grant.at,
    lastAct: Math.max(...acts.map(({ at }) => at)),
    to: end?.at ?? null,
    reason: end?.reason ?? null,
  };
}

/**
 * What `ixgate check-history` finds of epochs: the same one twice for a name, or a lower one after a higher one.
 * @param answerTimeout milliseconds that an answer of the store may have been on its way
 */
export async function wrongEpochs(folder: string, answerTimeout: number): Promise<string[]> {
  const difference = ['--max-clock-difference', `${answerTimeout}ms`];
  const { stdout, stderr } = await ixgate(['check-history', folder, '--json', ...difference]);
  if (stdout === '') throw new Error(`check-history: ${stderr}`);
  const { violations, damaged, grants } = JSON.parse(stdout) as {
    readonly violations: readonly { readonly type: string }[];
    readonly damaged: readonly unknown[];
    readonly grants: number;
  };
  if (grants === 0) throw new Error('check-history found no grant');
  // Overlaps are judged by `overlaps`: a gate that was stopped, or killed, cannot record when it had to end.
  const wrong = violations.filter(({ type }) => type !== 'overlap');
  return [...wrong, ...damaged].map((one) => JSON.stringify(one));
}

/**
 * Registrations of one name at one time. A session whose gate has lost the store, or was killed, counts until it last did something: it may
 * exist for longer, and must not act.
 * @param tolerance milliseconds
 */
export function overlaps(registrations: readonly Registration[], tolerance: number): Overlap[] {
  return byName(registrations).flatMap((ones) =>
    ones.flatMap((one, at) =>
      ones
        .slice(0, at)
        .map((earlier) => ({ earlier, ms: endOf(earlier) - one.from }))
        .filter(({ ms }) => ms > tolerance)
        .map(({ earlier, ms }) => ({ ms, where: `${shown(earlier)}, ${shown(one)}` })),
    ),
  );
}

function endOf({ to, lastAct, reason }: Registration): number {
  return to === null || reason === 'directory-lost' ? lastAct : to;
}

function byName(registrations: readonly Registration[]): Registration[][] {
  const names = new Map<string, Registration[]>();
  for (const one of registrations) {
    names.set(one.clientName, [...(names.get(one.clientName) ?? []), one]);
  }
  return [...names.values()];
}

function shown(registration: Registration): string {
  const { clientName, node, session, epoch, from, to, lastAct, reason } = registration;
  return `${clientName} ${node} ${session} epoch ${epoch} from ${from} to ${to} (${reason}, last act ${lastAct})`;
}
