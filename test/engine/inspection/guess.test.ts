import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { definitionJson } from '../../../adapters/runtime/to-json.js';
import { Definition } from '../../../machines/engine/inspection/definition.js';
import type { StateValue } from '../../../machines/engine/inspection/messages.js';
import { corpus } from '../table/corpus.js';
import { isRight, walkedSteps } from './guessed.js';

function guess(config: object, before: StateValue, event: string, after: StateValue) {
  return new Definition(definitionJson(createMachine(config).config)).guess(before, event, after);
}

describe('a guess', () => {
  it('is right as often as docs/inspector.md states, in random walks through every chart of the corpus', async () => {
    const walks = Object.values(corpus).map((specimen) => walkedSteps(specimen, 20));
    const steps = (await Promise.all(walks)).flat();
    expect(steps.length).toBeGreaterThan(5_000);
    const percent = ((100 * steps.filter(isRight).length) / steps.length).toFixed(1);
    const docs = await readFile('docs/inspector.md', 'utf8');
    const stated = /([\d.]+) % of the steps of random walks through\s+(\d+)\s+charts/.exec(docs);
    expect(stated?.slice(1)).toEqual([percent, String(walks.length)]);
  });

  it('has the transitions that follow without an event, also several', () => {
    const states = {
      a: { on: { GO: [{ guard: 'never', target: 'd' }, { target: 'b' }] } },
      b: { always: { guard: 'sometimes', target: 'c' } },
      c: { initial: 'x', states: { x: { type: 'final' } }, onDone: 'e' },
      d: {},
      e: {},
    };
    const config = { id: 'chain', initial: 'a', states };
    const follow = ['a:GO (2)', 'b:always', 'c:xstate.done.state.chain.c'];
    expect(guess(config, 'a', 'GO', 'e')).toEqual(follow);
    expect(guess(config, 'a', 'GO', 'b')).toEqual(['a:GO (2)']);
    expect(guess(config, 'a', 'GO', 'd')).toEqual(['a:GO']);
  });

  it('ends where transitions without an event lead in a circle', () => {
    const states = {
      a: { on: { GO: 'b' } },
      b: { always: { guard: 'one', target: 'c' } },
      c: { always: { guard: 'other', target: 'b' } },
      d: {},
    };
    expect(guess({ initial: 'a', states }, 'a', 'GO', 'd')).toEqual(['a:GO']);
  });

  it('has no transition for the stop of an actor, though a wildcard takes every event', () => {
    const config = { initial: 'a', states: { a: { on: { '*': { actions: 'note' } } } } };
    expect(guess(config, 'a', 'X', 'a')).toEqual(['a:*']);
    expect(guess(config, 'a', 'xstate.stop', 'a')).toEqual([]);
  });
});
