import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../adapters/runtime/collections/fifo.js';
import { Heap } from '../../adapters/runtime/collections/heap.js';

interface Item {
  readonly value: number;
  index: number;
}

const operations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('push' as const), value: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ kind: fc.constant('pop' as const) }),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat(100) }),
  ),
  { maxLength: 80 },
);

test('a heap gives its items in order, whatever is pushed, popped and removed', () => {
  fc.assert(
    fc.property(operations, (given) => {
      const heap = new Heap<Item>(
        (one, other) => one.value < other.value,
        (item, index) => {
          item.index = index;
        },
      );
      const items: Item[] = [];
      for (const operation of given) {
        if (operation.kind === 'push') {
          const item = { value: operation.value, index: -1 };
          items.push(item);
          heap.push(item);
        } else if (operation.kind === 'pop') {
          const item = heap.pop();
          expect(item?.value).toBe(
            items.length === 0 ? undefined : Math.min(...items.map(({ value }) => value)),
          );
          if (item) items.splice(items.indexOf(item), 1);
        } else {
          const [item] = items.splice(operation.which % Math.max(1, items.length), 1);
          if (item) expect(heap.remove(item.index)).toBe(item);
        }
        expect(heap.size).toBe(items.length);
      }
      const values = items.map(({ value }) => value).sort((one, other) => one - other);
      expect(values.map(() => heap.pop()?.value)).toEqual(values);
      expect(heap.first).toBeUndefined();
    }),
  );
});

test('a queue gives its items in the order in which they came, also those that a filter keeps', () => {
  const queue = new Fifo<number>();
  for (let item = 0; item < 5_000; item += 1) queue.push(item);
  for (let item = 0; item < 3_000; item += 1) expect(queue.shift()).toBe(item);
  queue.filter((item) => item % 2 === 0);
  expect([queue.size, queue.first, queue.shift(), queue.first]).toEqual([
    1_000, 3_000, 3_000, 3_002,
  ]);
});
