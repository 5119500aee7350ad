import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import {
  arrowsOf,
  chartToMermaid,
  type Figure,
  figures,
  figureToMermaid,
  findFigure,
  registrationEdges,
} from '../../../machines/index.js';

describe('a figure as a Mermaid sequence diagram', () => {
  it('has two lifelines, an arrow a message, the deadline as a note, and ends in a cross', () => {
    expect(figureToMermaid(findFigure('2c'))).toBe(
      `sequenceDiagram
    participant Client as Client
    participant Interaction_Server as Interaction Server
    Client->>Interaction_Server: connect
    Client->>Interaction_Server: RequestRegisterClient
    Interaction_Server->>Client: EventError
    Client->>Interaction_Server: any message
    Interaction_Server->>Client: EventError
    Note over Client,Interaction_Server: a timeout expires
    Interaction_Server-xClient: disconnect
`,
    );
  });

  it.each(figures)('$id: has as many arrows as the figure, each line of a known form', (figure) => {
    const [kind, ...lines] = figureToMermaid(figure).trimEnd().split('\n');
    expect(kind).toBe('sequenceDiagram');
    const word = '[A-Za-z_]\\w*';
    const form = new RegExp(
      `^    (participant ${word} as [\\w ]+|${word}(->>|-x)${word}: [\\w ]+|Note over ${word},${word}: [\\w ]+)$`,
    );
    for (const line of lines) expect(line).toMatch(form);
    expect(lines.filter((line) => /->>|-x/.test(line))).toHaveLength(arrowsOf(figure).length);
  });

  it('writes what Mermaid would read as syntax as entity codes', () => {
    const base = findFigure('1');
    const label = 'a; b\n#quot; "c" -->> {d}: %% <br> é😀';
    const steps = [{ kind: 'note', label } as const];
    const note = figureToMermaid({ ...base, steps } satisfies Figure).split('\n')[3];
    expect(note).toBe(
      '    Note over Client,Interaction_Server: ' +
        'a#59; b #35;quot#59; #34;c#34; -#45;#62;#62; #123;d#125;#58; #37;#37; #60;br#62; #233;#128512;',
    );
  });
});

describe('the chart as a Mermaid state diagram', () => {
  it('is the machine: nesting, two parallel regions, timers by the names of their delays', () => {
    expect(chartToMermaid()).toBe(
      `stateDiagram-v2
    [*] --> connecting
    state "connecting" as connecting
    state "connected" as connected
    state connected {
        [*] --> connected_unregistered
        state "unregistered" as connected_unregistered
        state connected_unregistered {
            state "exchange" as connected_unregistered_exchange
            state connected_unregistered_exchange {
                [*] --> connected_unregistered_exchange_awaiting
                state "awaiting" as connected_unregistered_exchange_awaiting
                state "validating" as connected_unregistered_exchange_validating
                state "refusing" as connected_unregistered_exchange_refusing
                connected_unregistered_exchange_awaiting --> connected_unregistered_exchange_validating: RequestRegisterClient
                connected_unregistered_exchange_awaiting --> connected_unregistered_exchange_refusing: OtherMessage
                connected_unregistered_exchange_awaiting --> connected_unregistered_exchange_awaiting: EventError
                connected_unregistered_exchange_validating --> connected_unregistered_exchange_awaiting: EventError
                connected_unregistered_exchange_refusing --> connected_unregistered_exchange_awaiting: EventError
            }
            --
            state "deadline" as connected_unregistered_deadline
            state connected_unregistered_deadline {
                [*] --> connected_unregistered_deadline_registration
                state "registration" as connected_unregistered_deadline_registration
                state "rejection" as connected_unregistered_deadline_rejection
                connected_unregistered_deadline_registration --> connected_unregistered_deadline_rejection: EventError
            }
        }
        state "registered" as connected_registered
        connected_unregistered --> connected_registered: EventAck (validating)
        connected_registered --> connected_registered: RequestRegisterClient, OtherMessage, EventAck, EventError, OtherEvent
    }
    state "disconnected" as disconnected
    connecting --> connected: Connected
    connecting --> disconnected: Disconnected
    connected --> disconnected: Disconnected
    connected --> disconnected: after registrationTimeout (registration)
    connected --> disconnected: after rejectionTimeout (rejection)
    disconnected --> [*]
`,
    );
  });

  it('draws every step of the protocol and, when asked, every stated outcome', () => {
    const drawn = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.includes(': '))
        .flatMap((line) => line.slice(line.indexOf(': ') + 2).split(', ')).length;
    const steps = registrationEdges.filter((edge) => !edge.unexpected);
    expect(drawn(chartToMermaid())).toBe(steps.length);
    expect(drawn(chartToMermaid(undefined, { unexpected: true }))).toBe(registrationEdges.length);
  });

  it('opens a brace for each that it closes, and draws no arrow across a brace', () => {
    const scopes: Set<string>[] = [new Set()];
    for (const line of chartToMermaid().split('\n').slice(1)) {
      const declared = /^\s*state ".*" as (\w+)$/.exec(line)?.[1];
      if (declared) scopes.at(-1)?.add(declared);
      if (line.endsWith('{')) scopes.push(new Set());
      if (/^\s*}$/.test(line)) scopes.pop();
      const arrow = /^\s*(\S+) --> (\w+|\[\*\])(?:: [^:;{}"]+)?$/.exec(line);
      if (line.includes('-->')) expect(arrow, line).not.toBeNull();
      for (const end of arrow?.slice(1, 3) ?? []) {
        if (end !== '[*]' && !line.includes('[*] -->')) expect(scopes.at(-1), line).toContain(end);
      }
    }
    expect(scopes).toHaveLength(1);
  });

  it('draws other machines: reserved words and odd keys become bare words', () => {
    const machine = createMachine({
      id: 'default',
      initial: 'end',
      states: {
        end: { on: { 'a.b': 'x: "y"' } },
        'x: "y"': { initial: 'z', states: { z: { on: { up: '#default.x: "y"' } } } },
      },
    });
    expect(chartToMermaid(machine)).toBe(
      `stateDiagram-v2
    [*] --> _end
    state "#101;nd" as _end
    state "x#58; #34;y#34;" as x_y_
    state x_y_ {
        [*] --> x_y_z
        state "z" as x_y_z
    }
    _end --> x_y_: a.b
    x_y_ --> x_y_: up (z)
`,
    );
  });
});
