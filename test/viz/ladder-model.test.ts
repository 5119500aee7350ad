import { describe, expect, it } from 'vitest';
import { arrowsOf, eventAck, eventError, findFigure } from '../../machines/index.js';
import { figureBeside } from '../../viz/src/ladder/beside.js';
import { deadlineSpans } from '../../viz/src/ladder/deadlines.js';
import { matchesOf, piecesOf } from '../../viz/src/ladder/find.js';
import { moved } from '../../viz/src/ladder/keys.js';
import { ladderMermaid } from '../../viz/src/ladder/ladder-mermaid.js';
import type { StepRow } from '../../viz/src/ladder/ladder-row.js';
import { ladderSvg } from '../../viz/src/ladder/ladder-svg.js';
import { pairingOf } from '../../viz/src/ladder/pairing.js';
import { ladderOf } from '../../viz/src/ladder/rows.js';
import { clockTime, stepLabel } from '../../viz/src/ladder/words.js';
import { login, refusedTwice, registered, request, sessionOf, viewOf } from './sessions.js';

const stepRows = (view: Parameters<typeof ladderOf>[0]) =>
  ladderOf(view).rows.filter((row): row is StepRow => row.type === 'step');

describe('an answer', () => {
  it('belongs to the first unanswered request of the same reference id', () => {
    const { steps } = sessionOf(({ connect, client, server, wait }) => {
      connect();
      client(request(1));
      server(eventAck(1));
      client(login(5));
      wait(10);
      client(login(5));
      wait(10);
      server(eventAck(5));
      wait(10);
      server(eventAck(5));
      server(eventAck(6));
      client(login(7));
    });
    const { pairs, unanswered, unsolicited } = pairingOf(steps);
    expect(pairs.get(4)).toEqual({ request: 4, answer: 6, after: 20 });
    expect(pairs.get(5)).toEqual({ request: 5, answer: 7, after: 20 });
    expect(pairs.get(6)).toBe(pairs.get(4));
    expect([...unsolicited]).toEqual([8]);
    expect([...unanswered]).toEqual([9]);
  });

  it('without a reference id belongs to the pending message without one', () => {
    const { steps } = sessionOf(({ connect, client, server }) => {
      connect();
      client({ messageName: 'RequestAgentLogin' });
      server(eventError(null, 1, 'not registered'));
      client(request(1));
      server(eventAck(1));
      client({ messageName: 'RequestAgentLogin' });
      server({ messageName: 'EventOther' });
    });
    const { pairs, unanswered } = pairingOf(steps);
    expect(pairs.get(3)).toEqual({ request: 2, answer: 3, after: 0 });
    expect(pairs.has(7)).toBe(false);
    expect([...unanswered]).toEqual([]);
  });
});

describe('a deadline', () => {
  it('runs from the connect until the first error, and that of the rejection until it expires', () => {
    expect(deadlineSpans(refusedTwice().steps)).toEqual([
      {
        kind: 'registration',
        start: 1,
        end: 3,
        length: 10_000,
        at: 10_000,
        outcome: 'replaced',
        left: 9_985,
      },
      {
        kind: 'rejection',
        start: 3,
        end: 6,
        length: 5_000,
        at: 5_015,
        outcome: 'expired',
        left: 0,
      },
    ]);
  });

  it('stops with the registration, and has the remaining time', () => {
    expect(deadlineSpans(registered().steps)).toMatchObject([
      { kind: 'registration', end: 3, outcome: 'registered', left: 9_988 },
    ]);
    expect(stepRows(registered())[2]?.after).toEqual([
      'registration deadline stopped, 10.0 s left',
    ]);
  });

  it('runs on while the session is open, and may have begun before the first kept step', () => {
    const { steps } = sessionOf(({ connect, client, wait }) => {
      connect();
      wait(400);
      client(request(1));
    });
    expect(deadlineSpans(steps.slice(1))).toEqual([
      {
        kind: 'registration',
        start: null,
        end: null,
        length: 9_600,
        at: 10_000,
        outcome: 'running',
        left: null,
      },
    ]);
  });

  it('is not shown for the client', () => {
    const steps = refusedTwice().steps.map((step) => ({ ...step, deadline: null }));
    expect(deadlineSpans(steps)).toEqual([]);
  });
});

describe('the rows', () => {
  it('are one step each, in order of seq, with the notes around the arrows', () => {
    const rows = stepRows(refusedTwice());
    expect(rows.map(({ step, label, since }) => [step.seq, label, since])).toEqual([
      [1, 'connect', null],
      [2, 'RequestRegisterClient', 12],
      [3, 'EventError', 3],
      [4, 'RequestAgentLogin', 1_250],
      [5, 'EventError', 0],
      [6, 'disconnect', 3_750],
    ]);
    expect(rows[0]?.after).toEqual(['registration deadline: 10.0 s']);
    expect(rows[2]?.after).toEqual(['rejection deadline: 5.0 s']);
    expect(rows[2]?.brackets).toEqual([
      { kind: 'registration', begins: false, ends: true },
      { kind: 'rejection', begins: true, ends: false },
    ]);
    expect(rows[5]?.before).toEqual(['rejection deadline expired']);
    expect(rows[5]?.arrow).toEqual({
      kind: 'disconnect',
      from: 'Interaction Server',
      to: 'Client',
    });
    expect(rows[5]?.reason).toContain('refused and did not register');
  });

  it('have a break with an explanation where steps are missing', () => {
    const { steps } = refusedTwice();
    const held = steps.filter(({ seq }) => seq > 1 && seq !== 4);
    const gaps = [{ from: 1, to: 1, cause: 'forgotten' }];
    const { rows } = ladderOf(viewOf(held, gaps));
    expect(rows.map((row) => (row.type === 'gap' ? row.words : row.step.seq))).toEqual([
      'Step 1 is no longer available',
      2,
      3,
      'Step 4 is missing',
      5,
      6,
    ]);
    const after = ladderOf(viewOf(steps.slice(0, 3), [{ from: 4, to: 90, cause: 'slow-viewer' }]));
    expect(after.rows.at(-1)).toMatchObject({
      words: 'Steps 4 to 90 were skipped: this viewer was too slow',
    });
  });

  it('mark what is wrong', () => {
    const rows = stepRows(
      sessionOf(({ connect, client, server }) => {
        connect();
        connect();
        server(eventAck(1));
        client(request(1));
      }),
    );
    expect(rows.map(({ flag, unexpected }) => [flag, unexpected])).toEqual([
      [null, false],
      ['not expected in this state', true],
      ['not expected in this state', true],
      ['no answer yet', false],
    ]);
    expect(rows[1]?.arrow).toBeNull();
  });

  it('show a broken connection without a direction', () => {
    const rows = stepRows(
      sessionOf(({ connect, client, end }) => {
        connect();
        client(request(1));
        end('transport-error');
      }),
    );
    expect(rows[2]?.arrow?.from).toBeNull();
    expect(rows[1]?.flag).toBe('never answered');
  });

  it('have labels for screen readers', () => {
    const view = refusedTwice();
    const { pairs } = pairingOf(view.steps);
    const rows = stepRows(view);
    const label = (index: number) => {
      const row = rows[index];
      if (!row) throw new Error('no such row');
      return stepLabel(row, pairs.get(row.step.seq));
    };
    expect(label(1)).toBe(
      '2, 12 ms, client to server, RequestRegisterClient, reference id 1, desk-9, AgentApplication',
    );
    expect(label(2)).toBe(
      '3, 15 ms, server to client, EventError, reference id 1, 2: client is not valid: unknown name, answer to 2 after 3 ms, rejection deadline: 5.0 s',
    );
    expect(label(5)).toContain(
      '6, 5.0 s, server to client, disconnect, rejection deadline expired',
    );
  });
});

describe('a figure beside a session', () => {
  it('is aligned arrow by arrow, with its note above the disconnect', () => {
    const beside = figureBeside('2c', refusedTwice().steps);
    expect(beside).toMatchObject({ tone: 'same', rest: [] });
    expect([...beside.bySeq.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(beside.bySeq.get(6)?.notes).toEqual(['a timeout expires']);
  });

  it('marks the difference and keeps the arrows without a matching step', () => {
    const beside = figureBeside('2a', refusedTwice().steps);
    expect(beside.tone).toBe('differs');
    expect(beside.bySeq.get(4)?.verdict).toBe('differs');
    const open = figureBeside('2a', refusedTwice().steps.slice(0, 2));
    expect(open).toMatchObject({
      tone: 'so-far',
      sentence: 'Matches figure 2a so far; the last 2 arrows are missing.',
    });
    expect(open.rest.map(({ arrow }) => arrow.label)).toEqual(['EventError', 'disconnect']);
  });

  it('is aligned again with equal steps after the first difference', () => {
    // The client sends something before it registers: one step more than in figure 1, and then the same.
    const { steps } = sessionOf(({ connect, client, server }) => {
      connect();
      client(login(1));
      server(eventError(1, 1, 'client is not registered'));
      client(request(2));
      server(eventAck(2));
    });
    const beside = figureBeside('1', steps);
    expect(beside.tone).toBe('differs');
    const labels = [...beside.bySeq].map(([seq, { arrow }]) => [seq, arrow.label]);
    expect(labels).toEqual([
      [1, 'connect'],
      [2, 'RequestRegisterClient'],
      [5, 'EventAck'],
    ]);
    expect(beside.rest).toEqual([]);
    // An arrow between two matching ones is aligned with a step between theirs, in order.
    const other = figureBeside('2b', steps.slice(0, 1).concat(registered().steps.slice(1)));
    expect(other.tone).toBe('differs');
    expect([...other.bySeq.values()].map(({ arrow }) => arrow)).toEqual(
      arrowsOf(findFigure('2b')).slice(0, other.bySeq.size),
    );
  });

  it('is not compared when the first steps are missing', () => {
    const beside = figureBeside('2c', refusedTwice().steps.slice(1));
    expect(beside).toMatchObject({ tone: 'unknown' });
    expect(beside.bySeq.size).toBe(0);
  });
});

describe('finding', () => {
  it('searches names, visible texts and contents, ignoring case', () => {
    const { steps } = refusedTwice();
    expect(matchesOf(steps, 'AGENTLOGIN')).toEqual([{ seq: 4, inSight: true }]);
    expect(matchesOf(steps, 'agent-7')).toEqual([{ seq: 4, inSight: false }]);
    expect(matchesOf(steps, 'unknown name')).toEqual([{ seq: 3, inSight: true }]);
    expect(matchesOf(steps, '  ')).toEqual([]);
  });

  it('splits a text at its matches and loses nothing', () => {
    expect(piecesOf('EventError, error 2', 'error')).toEqual([
      { text: 'Event', hit: false },
      { text: 'Error', hit: true },
      { text: ', ', hit: false },
      { text: 'error', hit: true },
      { text: ' 2', hit: false },
    ]);
    expect(piecesOf('İstanbul', 'i')).toEqual([{ text: 'İstanbul', hit: false }]);
  });
});

it('times are seconds with three decimals, with minutes and hours if needed', () => {
  expect([0, 12, 9_999.6, 62_345, 3_723_004].map(clockTime)).toEqual([
    '0.000',
    '0.012',
    '10.000',
    '1:02.345',
    '1:02:03.004',
  ]);
});

it('keys move the cursor up and down, and the last step stays the newest', () => {
  const { steps } = refusedTwice();
  expect(moved('ArrowUp', steps, 6)).toBe(5);
  expect(moved('ArrowUp', steps, 1)).toBe(1);
  expect(moved('ArrowDown', steps, 4)).toBe(5);
  expect(moved('ArrowDown', steps, 5)).toBeNull();
  expect(moved('Home', steps, 6)).toBe(1);
  expect(moved('End', steps, 1)).toBeNull();
  expect(moved('a', steps, 1)).toBeUndefined();
});

it('an error’s text is shown unchanged, with invisible characters made visible', () => {
  const rows = stepRows(
    sessionOf(({ connect, client, server }) => {
      connect();
      client(request(1, { clientName: '' }));
      server(eventError(1, 3, 'must be "text"\u202E\n, not ""'));
    }),
  );
  expect(rows.map(({ detail }) => detail)).toEqual([
    null,
    'no name, AgentApplication',
    '3: must be "text"\\u{202e}\\u{a}, not ""',
  ]);
});

const hostile = 'x</text><script>alert(1)</script>&"\'\u0000\u202E\uD800;\n';

const hostileSession = () =>
  sessionOf(({ connect, client, server, wait }) => {
    connect();
    client(request(1, { clientName: hostile, clientType: hostile }));
    server(eventError(1, 2, hostile));
    client({ messageName: hostile, referenceId: 2 });
    wait(20_000);
  }, hostile);

describe('the ladder as text for other places', () => {
  it('is SVG that contains the participants, every arrow, times, notes and the reason', () => {
    const svg = ladderSvg(refusedTwice());
    const texts = [...svg.matchAll(/>([^<]*)<\/text>/g)].map(([, text]) => text).join(' ');
    for (const words of [
      'Client',
      'Interaction Server',
      'RequestRegisterClient',
      'RequestAgentLogin',
      '1.265',
      '+3.750',
      'registration deadline: 10.0 s',
      'rejection deadline expired',
      'the client was refused and did not register before the rejection deadline',
      'desk-9, AgentApplication',
    ]) {
      expect(texts).toContain(words);
    }
    expect(svg).not.toMatch(/href|<style|<script|var\(/);
  });

  it('contains a client’s data as text, never as markup', () => {
    const svg = ladderSvg(hostileSession());
    expect(svg).not.toContain('<script');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in it.
    expect(svg).not.toMatch(/[\u0000-\u0008\u202E\uD800]/u);
    expect(svg).toContain('&lt;script&gt;');
  });

  it('is Mermaid with an arrow per step and notes over both lifelines', () => {
    expect(ladderMermaid(refusedTwice())).toBe(
      [
        'sequenceDiagram',
        '    participant Client as Client',
        '    participant Interaction_Server as Interaction Server',
        '    Client->>Interaction_Server: connect (0 ms)',
        '    Note over Client,Interaction_Server: registration deadline#58; 10.0 s',
        '    Client->>Interaction_Server: RequestRegisterClient (12 ms)',
        '    Note over Client,Interaction_Server: desk-9, AgentApplication',
        '    Interaction_Server->>Client: EventError (15 ms)',
        '    Note over Client,Interaction_Server: 2#58; client is not valid#58; unknown name',
        '    Note over Client,Interaction_Server: rejection deadline#58; 5.0 s',
        '    Client->>Interaction_Server: RequestAgentLogin (1.3 s)',
        '    Interaction_Server->>Client: EventError (1.3 s)',
        '    Note over Client,Interaction_Server: 1#58; client is not registered',
        '    Note over Client,Interaction_Server: rejection deadline expired',
        '    Interaction_Server-xClient: disconnect (5.0 s)',
        '    Note over Client,Interaction_Server: the client was refused and did not register before the rejection deadline',
        '',
      ].join('\n'),
    );
  });

  it('keeps Mermaid’s lines intact for any message name', () => {
    const lines = ladderMermaid(hostileSession()).trimEnd().split('\n');
    for (const line of lines.slice(3)) {
      expect(line).toMatch(/^ {4}(?:Client|Interaction_Server|Note over)/);
      expect(line.replace(/^[^:]*: /, '')).not.toMatch(/[<>{}"]|;(?<!#\d+;)/);
    }
  });
});
