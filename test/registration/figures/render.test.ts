import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { renderFigure, renderRun } from '../../../adapters/tester/index.js';
import {
  compareFigure,
  type FigureRun,
  figures,
  findFigure,
  type ObservedArrow,
  playFigureOnChart,
} from '../../../machines/index.js';

/** A run of a figure in which this was seen. */
function run(id: string, seen: ObservedArrow[], more: Partial<FigureRun> = {}): FigureRun {
  const figure = findFigure(id);
  const comparison = compareFigure(figure, seen, { watched: 900 });
  const passed = comparison.difference === null;
  const rest = { target: 'tcp://127.0.0.1:7004', elapsed: 900, timeout: null, watchedOpen: null };
  return { ...comparison, figure, passed, seen, steps: [], ...rest, ...more };
}

const said = (from: ObservedArrow['from'], at: number, message: ObservedArrow['message']) =>
  ({ kind: 'message', from, at, message }) as const;
const connect = { kind: 'connect', from: 'Client', at: 0, message: null } as const;
const request = said('Client', 1, { messageName: 'RequestRegisterClient', referenceId: 1 });

describe('a figure as text', () => {
  it('is the sequence diagram of the page, with source and with what is our reading apart', () => {
    expect(renderFigure(findFigure('2b'))).toBe(
      `Figure 2b  Unsuccessful registration: a message of a client that is not registered
Genesys Events and Models Reference, "Registration" (versions 7.x, 8.x and 9.x)

  Client                            Interaction Server
    |                                        |
    | connect                                |
    |--------------------------------------->|
    | any message (RequestAgentLogin)        |
    |--------------------------------------->|
    |                             EventError |
    |<---------------------------------------|
    |                                        |
    |         ~ a timeout expires ~          |
    |                             disconnect |
    |X---------------------------------------|
    |                                        |

Not in the Genesys document:
  - RequestAgentLogin, the usual next message, is played as "any message". The page names no message.
  - The answer has the reference id of the request. The page does not state this.
  - The timeout runs from the first EventError. The page does not state when it starts.
`,
    );
  });
});

describe('a run as text', () => {
  it('marks each arrow in words, with its time, and gives the timeout that was measured', () => {
    const delays = { registrationTimeout: 400, rejectionTimeout: 200 };
    expect(renderRun(playFigureOnChart(findFigure('2a'), { delays }))).toBe(
      `Figure 2a  Unsuccessful registration: the client is not valid
  against chart: pass after 250 ms

  Client                            Interaction Server
    |                                        |
    | connect                                |
    |--------------------------------------->|  pass      0 ms
    | RequestRegisterClient                  |
    |--------------------------------------->|  pass     50 ms
    |                             EventError |
    |<---------------------------------------|  pass     50 ms
    |                                        |
    |         ~ a timeout expires ~          |
    |                             disconnect |
    |X---------------------------------------|  pass    250 ms
    |                                        |

  The timeout was 200 ms, from the first EventError to the disconnect.
`,
    );
  });

  it('says how long a registered client was seen to stay', () => {
    expect(renderRun(playFigureOnChart(findFigure('1')))).toContain('| still open after 24.0 h ');
  });

  it('says of a difference where it is, what was expected, what came, and why', () => {
    const ack = said('Interaction Server', 3, { messageName: 'EventAck', referenceId: 1 });
    expect(renderRun(run('2a', [connect, request, ack]))).toBe(
      `Figure 2a  Unsuccessful registration: the client is not valid
  against tcp://127.0.0.1:7004: FAIL after 900 ms

  Client                            Interaction Server
    |                                        |
    | connect                                |
    |--------------------------------------->|  pass      0 ms
    | RequestRegisterClient                  |
    |--------------------------------------->|  pass      1 ms
    |                             EventError |
    |<---------------------------------------|  FAIL      3 ms
    |                                        |
    |         ~ a timeout expires ~          |
    |                             disconnect |
    |X---------------------------------------|  not reached
    |                                        |

  The server acknowledged a client that is not valid.
  expected  EventError
  came      EventAck (reference id 1)
`,
    );
  });

  it('shows an arrow that never came, and one that came after the figure', () => {
    expect(renderRun(run('1', [connect, request]))).toContain('came      nothing\n');
    const ack = said('Interaction Server', 3, { messageName: 'EventAck', referenceId: 1 });
    const end = { kind: 'disconnect', from: 'Interaction Server', at: 9, message: null } as const;
    const text = renderRun(run('1', [connect, request, ack, end]));
    expect(text).toContain('expected  nothing more (figure 1)');
    expect(text).toContain('came      the Interaction Server disconnected after 9 ms');
  });

  it('writes what a server sends as text: no control character reaches the terminal', () => {
    const evil = '\u001b[2J\r\nok \u202e\u0007\u009b31m';
    const answer = {
      messageName: 'EventError',
      referenceId: 1,
      errorCode: 2,
      errorDescription: evil,
    };
    const name = said('Interaction Server', 3, { messageName: evil, referenceId: 1 });
    for (const came of [said('Interaction Server', 3, answer), name]) {
      const text = renderRun(run('1', [connect, request, came]));
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(text).toContain('[2J');
      expect(text.split('\n').filter((line) => line.startsWith('ok'))).toEqual([]);
    }
  });

  it('has colours only where it is given some', () => {
    const result = playFigureOnChart(findFigure('1'));
    const sequence = '\u001b[';
    expect(renderRun(result)).not.toContain(sequence);
    expect(renderRun(result, pc.createColors(false))).not.toContain(sequence);
    expect(renderRun(result, pc.createColors(true))).toContain(`${sequence}32mpass`);
  });

  it('keeps its lifelines straight in every figure', () => {
    for (const figure of figures) {
      const drawn = renderFigure(figure)
        .split('\n')
        .filter((line) => /^ {4}\|/.test(line));
      expect(new Set(drawn.map((line) => line.trimEnd().length)).size).toBe(1);
    }
  });
});
