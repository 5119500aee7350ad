/** The inputs of the simulator, kept the same as those of the address. */
import { useEffect, useRef, useState } from 'react';
import type { SimulatorProps } from '../state/contracts.js';
import { type History, noHistory } from './history.js';
import { inputsFrom, inputsText } from './link.js';
import { firstSetup, type Setup } from './simulation.js';

interface Inputs {
  readonly history: History;
  readonly setup: Setup;
  /** The history after an input, an undo or a redo. */
  change(history: History): void;
}

export function useInputs({
  inputs,
  onInputs,
  onInvalid,
}: Pick<SimulatorProps, 'inputs' | 'onInputs' | 'onInvalid'>): Inputs {
  const [history, setHistory] = useState<History>(noHistory);
  const [setup, setSetup] = useState<Setup>(() => ({ ...firstSetup, startedAt: Date.now() }));
  /** The inputs that were last read or handed on. */
  const known = useRef<string | null>(null);

  useEffect(() => {
    if (inputs === null || inputs === known.current) return;
    const read = inputsFrom(inputs);
    if (typeof read === 'string') {
      onInvalid(read);
      return;
    }
    known.current = inputs;
    setHistory({ done: read.inputs, undone: [] });
    setSetup({ ...firstSetup, startedAt: read.startedAt });
  }, [inputs, onInvalid]);

  const change = (next: History) => {
    setHistory(next);
    known.current = inputsText({ inputs: next.done, startedAt: setup.startedAt });
    onInputs(known.current);
  };
  return { history, setup, change };
}
