import { describe, expect, it } from 'vitest';
import { isSame, withLatest } from '../../adapters/react/same-options.js';

class Codec {
  readonly name = 'json';
}
const codec = new Codec();

describe('options that a component writes in each render', () => {
  it.each<[string, unknown, unknown]>([
    ['equal texts', { clientName: 'a' }, { clientName: 'a' }],
    ['equal objects at any depth', { reconnect: { spread: 0 } }, { reconnect: { spread: 0 } }],
    ['equal lists', { endpoints: ['ws://a:1'] }, { endpoints: ['ws://a:1'] }],
    ['an option left out and one undefined', { mediaType: undefined }, {}],
    ['functions', { extension: () => ({}) }, { extension: () => ({ other: 1 }) }],
    ['the same object of a class', { codec }, { codec }],
    ['NaN', { random: Number.NaN }, { random: Number.NaN }],
    ['no options', null, null],
  ])('mean the same client: %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(true);
    expect(isSame(other, one)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['another text', { clientName: 'a' }, { clientName: 'b' }],
    ['another value inside', { reconnect: { spread: 0 } }, { reconnect: { spread: 1 } }],
    ['a longer list', { endpoints: ['ws://a:1'] }, { endpoints: ['ws://a:1', 'ws://b:1'] }],
    ['a list and an object', { endpoints: ['a'] }, { endpoints: { 0: 'a' } }],
    ['another object of a class', { codec: new Codec() }, { codec: new Codec() }],
    ['a function and a value', { extension: () => ({}) }, { extension: {} }],
    ['a function and nothing', { extension: () => ({}) }, {}],
    ['options and none', { clientName: 'a' }, null],
  ])('mean different clients: %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(false);
    expect(isSame(other, one)).toBe(false);
  });

  it('have functions that call those of the latest render, and the first one where there is none', () => {
    let latest: { extension: (text: string) => string } | null = {
      extension: (text) => `1 ${text}`,
    };
    const { extension } = withLatest(latest, () => latest);
    expect(extension('a')).toBe('1 a');
    latest = { extension: (text) => `2 ${text}` };
    expect(extension('a')).toBe('2 a');
    latest = null;
    expect(extension('a')).toBe('1 a');
  });
});
