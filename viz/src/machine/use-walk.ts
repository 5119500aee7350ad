/** The steps that were taken, and the one in view. */
import { useEffect, useRef, useState } from 'react';
import {
  fetchMachine,
  type ShownMachine,
  takeStep,
  type WalkInput,
  type WalkStep,
} from './server.js';

export interface TakenStep {
  /** The input that led here, with its data as JSON; null for the start. */
  readonly input: string | null;
  readonly step: WalkStep;
}

export interface Walk {
  readonly machine: ShownMachine | null;
  /** Why the machine cannot be loaded, or the last input had no effect. */
  readonly problem: string | null;
  readonly steps: readonly TakenStep[];
  /** The index of the step in view: the next input continues from there. */
  readonly at: number;
  /** How often each edge was taken up to the step in view. */
  readonly counts: ReadonlyMap<string, number>;
  take(input: WalkInput, json: string): void;
  goTo(index: number): void;
}

export function useWalk(): Walk {
  const [machine, setMachine] = useState<ShownMachine | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ steps, at }, setWalk] = useState<{ steps: readonly TakenStep[]; at: number }>({
    steps: [],
    at: 0,
  });
  const busy = useRef(false);
  useEffect(() => {
    fetchMachine().then(
      (found) => {
        setMachine(found);
        setWalk({ steps: [{ input: null, step: found.start }], at: 0 });
        document.title = `${found.name} - ixgate`;
      },
      (error: Error) => setProblem(error.message),
    );
  }, []);

  const take = async ({ name, kind }: WalkInput, json: string) => {
    const from = steps[at]?.step;
    if (!from || busy.current) return;
    busy.current = true;
    try {
      const step = await takeStep(from.id, kind, kind === 'timer' ? name : json);
      setProblem(step === null ? `${name} has no effect here` : null);
      if (step === null) return;
      const { type: _, ...data } = kind === 'timer' ? {} : JSON.parse(json);
      const shown = Object.keys(data).length === 0 ? name : `${name} ${JSON.stringify(data)}`;
      setWalk({ steps: [...steps.slice(0, at + 1), { input: shown, step }], at: at + 1 });
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      busy.current = false;
    }
  };
  const counts = new Map<string, number>();
  for (const { step } of steps.slice(0, at + 1))
    for (const id of step.transitions) counts.set(id, (counts.get(id) ?? 0) + 1);
  return {
    ...{ machine, problem, steps, at, counts },
    take: (input, json) => void take(input, json),
    goTo(index) {
      setProblem(null);
      setWalk({ steps, at: index });
    },
  };
}
