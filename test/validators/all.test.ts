import { describe, expect, test } from 'vitest';
import { OptionError } from '../../adapters/runtime/errors.js';
import { invalid, type Validator } from '../../adapters/server/index.js';
import { all, permissive } from '../../adapters/validators/index.js';
import { context, request } from './question.js';

describe('permissive()', () => {
  test('grants, because the schema has already checked what it asks for', () => {
    expect(permissive()(request(), context())).toEqual({ valid: true });
  });
});

describe('all()', () => {
  test('grants what every validator grants', async () => {
    const verdict = await all(
      permissive(),
      () => true,
      async () => true,
    )(request(), context());
    expect(verdict).toEqual({ valid: true });
  });

  test('answers with the first refusal in order and does not ask the validators after it', async () => {
    const asked: string[] = [];
    const say =
      (name: string, answer: ReturnType<Validator>): Validator =>
      () => {
        asked.push(name);
        return answer;
      };
    const validator = all(
      say('one', true),
      say('two', Promise.resolve(invalid('second', 'server-busy'))),
      say('three', invalid('third')),
    );
    expect(await validator(request(), context())).toEqual({
      valid: false,
      reason: 'second',
      error: 'server-busy',
    });
    expect(asked).toEqual(['one', 'two']);
  });

  test('a bare false refuses, and so does a validator that throws', async () => {
    expect(await all(() => false)(request(), context())).toEqual({
      valid: false,
      reason: 'refused',
    });
    const throwing = all(() => {
      throw new Error('no database');
    }, permissive());
    await expect(throwing(request(), context())).rejects.toThrow('no database');
  });

  test('a validator that forgets to answer has not said yes', async () => {
    const forgetful = (() => undefined) as unknown as Validator;
    await expect(all(forgetful)(request(), context())).rejects.toThrow(TypeError);
  });

  test('counts the smallest cap, whatever the order', async () => {
    const caps = [() => ({ valid: true, cap: 5 }), permissive(), () => ({ valid: true, cap: 2 })];
    const validators = caps as Validator[];
    expect(await all(...validators)(request(), context())).toEqual({ valid: true, cap: 2 });
    expect(await all(...validators.reverse())(request(), context())).toEqual({
      valid: true,
      cap: 2,
    });
  });

  test('asks no further validator once the signal is aborted', async () => {
    const controller = new AbortController();
    let asked = 0;
    const validator = all(
      () => {
        controller.abort(new Error('gone'));
        return true;
      },
      () => {
        asked += 1;
        return true;
      },
    );
    await expect(validator(request(), context({ signal: controller.signal }))).rejects.toThrow(
      'gone',
    );
    expect(asked).toBe(0);
  });

  test('wants at least one validator', () => {
    expect(() => all()).toThrow(OptionError);
    expect(() => all()).toThrow(
      'option all(...): expected one validator or more; permissive() grants everything, not []',
    );
  });
});
