import { expect, test } from 'vitest';
import { judge } from '../../../adapters/tester/conform-client/judge.js';
import type { ObservedArrow } from '../../../machines/index.js';

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

test('a client that disconnects while EventAck is in transit may have given up: no violation', () => {
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

test('either of two pending requests may be answered', () => {
  const seen = [asks(0, 1), asks(5, 2), server(10, 'EventAck', 1), client(20, 'RequestX', 3)];
  expect(found(...seen)).toEqual(['asks-once at 1']);
});

test('an unrelated id that the client then uses is not unrelated', () => {
  expect(found(server(0, 'EventAck', 9), asks(1, 9), client(2, 'RequestX', 10))).toEqual([
    'silent-until-answered at 2',
  ]);
});

test('a refused client may register again', () => {
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

test('a connection violates each requirement once, at the first arrow that shows it', () => {
  const seen = [asks(0, 1), client(1, 'RequestX', 2), client(2, 'RequestY', 3)];
  expect(found(...seen)).toEqual(['silent-until-answered at 1']);
});
