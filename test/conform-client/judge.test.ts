import { expect, test } from 'vitest';
import { judge } from '../../adapters/tester/conform-client/judge.js';
import type { ObservedArrow } from '../../machines/index.js';

const times = { registrationTimeout: 10_000, settle: 1_000, pause: 300, replyTimeout: undefined };

const says =
  (from: ObservedArrow['from']) =>
  (at: number, messageName: string, referenceId: number, more: object = {}): ObservedArrow => ({
    kind: 'message',
    from,
    at,
    message: { messageName, referenceId, ...more },
  });
const client = says('Client');
const server = says('Interaction Server');
const asks = (at: number, id: number) =>
  client(at, 'RequestRegisterClient', id, { clientName: 'a', clientType: 'Proxy' });
const leaves = (at: number): ObservedArrow => ({
  kind: 'disconnect',
  from: 'Client',
  at,
  message: null,
});

const found = (...seen: ObservedArrow[]) =>
  judge(seen, times).violations.map(({ requirement, index }) => `${requirement} at ${index}`);

test('who leaves with its EventAck on the way may have given up: that is not held against it', () => {
  expect(found(asks(0, 1), server(2_000, 'EventAck', 1), leaves(2_020))).toEqual([]);
  expect(
    judge([asks(0, 1), server(2_000, 'EventAck', 1), leaves(2_020)], times).tested,
  ).not.toContain('stays-registered');
  expect(found(asks(0, 1), server(2, 'EventAck', 1), leaves(22))).toEqual([
    'stays-registered at 2',
  ]);
  expect(found(asks(0, 1), server(2_000, 'EventAck', 1), leaves(2_500))).toEqual([
    'stays-registered at 2',
  ]);
});

test('of two requests that wait, either may be answered', () => {
  const seen = [asks(0, 1), asks(5, 2), server(10, 'EventAck', 1), client(20, 'RequestX', 3)];
  expect(found(...seen)).toEqual(['asks-once at 1']);
});

test('an id that was to be nobody’s and is the client’s after all is no foreign one', () => {
  expect(found(server(0, 'EventAck', 9), asks(1, 9), client(2, 'RequestX', 10))).toEqual([
    'silent-until-answered at 2',
  ]);
});

test('a refused client may ask again, and be let in', () => {
  const seen = [
    asks(0, 1),
    server(1, 'EventError', 1),
    asks(2, 2),
    server(3, 'EventAck', 2),
    client(4, 'RequestX', 3),
    leaves(2_000),
  ];
  expect(found(...seen)).toEqual([]);
});

test('each requirement is violated once on a connection, where it was seen first', () => {
  const seen = [asks(0, 1), client(1, 'RequestX', 2), client(2, 'RequestY', 3)];
  expect(found(...seen)).toEqual(['silent-until-answered at 1']);
});
