import { expect, it } from 'vitest';
import { toJson } from '../../adapters/runtime/to-json.js';

it('writes what JSON cannot: only a real cycle is marked, and an object that occurs twice is written twice', () => {
  const shared = { a: 1 };
  const value: Record<string, unknown> = { first: shared, second: shared, big: 5n };
  value.self = value;
  expect(JSON.parse(toJson(value, () => 'null'))).toEqual({
    first: { a: 1 },
    second: { a: 1 },
    big: '5',
    self: '[Circular]',
  });
});
