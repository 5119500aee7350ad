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
    [*] --> registration_connecting
    state "connecting" as registration_connecting
    state "connected" as registration_connected
    state registration_connected {
        [*] --> registration_connected_unregistered
        state "unregistered" as registration_connected_unregistered
        state registration_connected_unregistered {
            state "exchange" as registration_connected_unregistered_exchange
            state registration_connected_unregistered_exchange {
                [*] --> registration_connected_unregistered_exchange_awaiting
                state "awaiting" as registration_connected_unregistered_exchange_awaiting
                state "validating" as registration_connected_unregistered_exchange_validating
                state "refusing" as registration_connected_unregistered_exchange_refusing
                registration_connected_unregistered_exchange_awaiting --> registration_connected_unregistered_exchange_validating: RequestRegisterClient
                registration_connected_unregistered_exchange_awaiting --> registration_connected_unregistered_exchange_refusing: OtherMessage
                registration_connected_unregistered_exchange_awaiting --> registration_connected_unregistered_exchange_awaiting: EventError
                registration_connected_unregistered_exchange_validating --> registration_connected_unregistered_exchange_awaiting: EventError
                registration_connected_unregistered_exchange_refusing --> registration_connected_unregistered_exchange_awaiting: EventError
            }
            --
            state "deadline" as registration_connected_unregistered_deadline
            state registration_connected_unregistered_deadline {
                [*] --> registration_connected_unregistered_deadline_registration
                state "registration" as registration_connected_unregistered_deadline_registration
                state "rejection" as registration_connected_unregistered_deadline_rejection
                registration_connected_unregistered_deadline_registration --> registration_connected_unregistered_deadline_rejection: EventError
            }
        }
        state "registered" as registration_connected_registered
        registration_connected_unregistered --> registration_connected_registered: EventAck (validating)
        registration_connected_registered --> registration_connected_registered: RequestRegisterClient, OtherMessage, EventAck, EventError, OtherEvent
    }
    state "disconnected" as registration_disconnected
    registration_connecting --> registration_connected: Connected
    registration_connecting --> registration_disconnected: Disconnected
    registration_connected --> registration_disconnected: Disconnected
    registration_connected --> registration_disconnected: after registrationTimeout (registration)
    registration_connected --> registration_disconnected: after rejectionTimeout (rejection)
    registration_disconnected --> [*]
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
    [*] --> _default_end
    state "#101;nd" as _default_end
    state "x#58; #34;y#34;" as _default_x_y_
    state _default_x_y_ {
        [*] --> _default_x_y_z
        state "z" as _default_x_y_z
    }
    _default_end --> _default_x_y_: a.b
    _default_x_y_ --> _default_x_y_: up (z)
`,
    );
  });
});
