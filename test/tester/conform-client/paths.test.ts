import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ClientConformance,
  type ClientPathId,
  clientPaths,
} from '../../../adapters/tester/index.js';
import { judged, short } from './played.js';

/** What a plain client received on one connection. */
interface Seen {
  /** `EventAck 1`: name and reference id, in order; an invalid frame as it is. */
  heard: string[];
  chunks: number;
  /** Milliseconds from the attempt to connect to the first byte, and to the end. */
  answered: number | null;
  lasted: number;
  end: 'closed' | 'reset';
}

/** Registers with the next reference id on each connection, sends nothing else, and reconnects. */
function recorder(port: number, seen: Seen[]): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const come = () => {
    const socket = connect({ port, host: '127.0.0.1' });
    const one: Seen = { heard: [], chunks: 0, answered: null, lasted: 0, end: 'closed' };
    const begun = performance.now();
    let text = '';
    socket.on('connect', () => {
      socket.write(
        `{"messageName":"RequestRegisterClient","referenceId":${seen.length + 1},"clientName":"a","clientType":"Proxy"}\n`,
      );
    });
    socket.on('data', (chunk) => {
      one.answered ??= performance.now() - begun;
      one.chunks += 1;
      text += String(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') one.end = 'reset';
    });
    socket.on('close', () => {
      one.lasted = performance.now() - begun;
      one.heard = text.split('\n').slice(0, -1).map(named);
      seen.push(one);
      if (!isOver) timer = setTimeout(come, 150);
    });
  };
  come();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

function named(line: string): string {
  if (!line.startsWith('{')) return line;
  const { messageName, referenceId } = JSON.parse(line) as Record<string, unknown>;
  return `${messageName} ${referenceId}`;
}

describe('the played server, as a plain client sees it', () => {
  const seen: Seen[] = [];
  let result: ClientConformance;
  beforeAll(async () => {
    result = await judged(({ port }) => recorder(port, seen), { late: 400 });
  });
  /** Of the path's first connection, and its number, which is the reference id. */
  const on = (id: ClientPathId): { one: Seen; number: number } => {
    const index = clientPaths.findIndex((path) => path.id === id);
    const storm = clientPaths.findIndex((path) => path.id === 'storm');
    const returns = seen.length - clientPaths.length;
    const at = index > storm ? index + returns : index;
    return { one: seen[at] as Seen, number: at + 1 };
  };

  const foreign = '-1234567';
  const answers: [ClientPathId, (id: number) => string[]][] = [
    ['ack', (id) => [`EventAck ${id}`]],
    ['silence', () => []],
    ['message', (id) => [`EventAck ${id}`, 'EventOfTheTester null']],
    ['drop', () => []],
    ['late', (id) => [`EventAck ${id}`]],
    ['reset', () => []],
    ['foreign-ack', (id) => [`EventAck ${foreign}`, `EventAck ${id}`]],
    ['garbage', () => ['not a message']],
    ['twice', (id) => [`EventAck ${id}`, `EventAck ${id}`]],
    ['error-drop', (id) => [`EventError ${id}`]],
    ['bytes', (id) => [`EventAck ${id}`]],
    ['storm', () => []],
    ['joined', (id) => [`EventAck ${id}`, 'EventOfTheTester null']],
    ['event-first', (id) => ['EventOfTheTester null', `EventAck ${id}`]],
    ['foreign-error', (id) => [`EventError ${foreign}`, `EventAck ${id}`]],
    ['stray-ack', (id) => [`EventAck ${foreign}`, `EventAck ${id}`]],
    ['error', (id) => [`EventError ${id}`]],
  ];
  test('there is a line here for each path, and the client is content with all', () => {
    expect(answers.map(([id]) => id)).toEqual(clientPaths.map(({ id }) => id));
    expect(result.verdict).toBe('pass');
  });

  test.each(answers)('says on %s what it should', (id, expected) => {
    const { one, number } = on(id);
    expect(one.heard).toEqual(expected(number));
    expect(one.end).toBe(id === 'reset' ? 'reset' : 'closed');
  });

  test('is silent until its deadlines, and late when it should be', () => {
    expect(on('silence').one.lasted).toBeGreaterThan(short.registrationTimeout - 50);
    expect(on('error').one.lasted).toBeGreaterThan(short.pause + short.rejectionTimeout - 50);
    expect(on('late').one.answered).toBeGreaterThan(400 - 50);
  });

  test('keeps a registered client for as long as it settles', () => {
    for (const id of ['ack', 'twice', 'joined', 'late'] as const)
      expect(on(id).one.lasted).toBeGreaterThan(short.settle - 50);
  });

  test('sends its answer in many segments, or two messages in one', () => {
    expect(on('bytes').one.chunks).toBeGreaterThan(5);
    expect(on('joined').one.chunks).toBe(1);
  });

  test('drops who comes back in the second of the storm', () => {
    const from = clientPaths.findIndex(({ id }) => id === 'storm');
    const dropped = seen.slice(from, from + 1 + seen.length - clientPaths.length);
    expect(dropped.length).toBeGreaterThan(1);
    for (const { heard } of dropped) expect(heard).toEqual([]);
  });
});
