import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { KeyPath } from '../../adapters/files/json-positions.js';
import { duplicateKeyIn, lineAt, offsetOf } from '../../adapters/files/json-positions.js';

function pathsIn(value: unknown, path: KeyPath = []): KeyPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

describe('where values stand in a JSON text', () => {
  test('every value is on the line that a YAML parser gives', () => {
    void fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('', ' ', '  ', '\t'),
        (given, indent) => {
          const text = JSON.stringify(given, null, indent);
          const counter = new LineCounter();
          const document = parseDocument(text, { lineCounter: counter });
          for (const path of pathsIn(JSON.parse(text))) {
            const node = path.length === 0 ? document.contents : document.getIn(path, true);
            if (!isNode(node) || !node.range) continue;
            expect(lineAt(text, offsetOf(text, path)), text).toBe(
              counter.linePos(node.range[0]).line,
            );
          }
          expect(duplicateKeyIn(text)).toBeNull();
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a missing value stands where its parent does', () => {
    const text = '{\n"a": [\n1,\n{"b": 2}]}';
    expect(lineAt(text, offsetOf(text, ['a', 1, 'c', 'd']))).toBe(4);
    expect(lineAt(text, offsetOf(text, ['a', 9]))).toBe(2);
    expect(lineAt(text, offsetOf(text, ['x']))).toBe(1);
  });

  test('a doubled key is found where it stands again, however it is written', () => {
    expect(duplicateKeyIn('{"a": {"b": 1}, "b": [{"a": 2}, {"a": "}\\"{"}]}')).toBeNull();
    expect(duplicateKeyIn('{"a": 1, "b": {"x": "\\\\", "x": 2}, "a": 3}')).toBe(26);
    expect(duplicateKeyIn('{"a": 1, "\\u0061": 2}')).toBe(9);
    expect(duplicateKeyIn('{"__proto__": 1, "__proto__": 2}')).toBe(17);
  });

  test('a text may be nested deeper than functions can be', () => {
    const deep = `${'['.repeat(100_000)}{"a": 1, "a": 2}${']'.repeat(100_000)}`;
    expect(duplicateKeyIn(deep)).toBe(100_009);
  });
});
