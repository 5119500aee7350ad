import { describe, expect, it } from 'vitest';
import {
  compareSession,
  eventAck,
  eventError,
  type FigureId,
  figures,
  findFigure,
  observedFrom,
  playFigureOnChart,
  speakerOf,
} from '../../../machines/index.js';
import { login, refusedTwice, registered, request, sessionOf } from '../../viz/sessions.js';

const differs = (id: FigureId, ...script: Parameters<typeof sessionOf>) =>
  compareSession(findFigure(id), observedFrom(sessionOf(...script).steps)).difference?.sentence;

describe('a session’s arrows', () => {
  it('are those between the lifelines, from the side that spoke', () => {
    const { steps } = refusedTwice();
    expect(observedFrom(steps).map(({ kind, from, at }) => [kind, from, at])).toEqual([
      ['connect', 'Client', 0],
      ['message', 'Client', 12],
      ['message', 'Interaction Server', 15],
      ['message', 'Client', 1265],
      ['message', 'Interaction Server', 1265],
      ['disconnect', 'Interaction Server', 5015],
    ]);
  });

  it('are the same whichever seat recorded them', () => {
    const { steps } = refusedTwice();
    const turned = steps.map((step) => ({
      ...step,
      seat: 'client' as const,
      direction: step.direction && (step.direction === 'in' ? ('out' as const) : ('in' as const)),
      reason: step.reason && ('peer-closed' as const),
    }));
    expect(turned.map(speakerOf)).toEqual(steps.map(speakerOf));
    expect(observedFrom(turned)[0]).not.toHaveProperty('transition');
  });

  it('are an empty list for a session that was never connected', () => {
    const { steps } = sessionOf(({ end }) => end('transport-error'));
    expect(steps).toHaveLength(1);
    expect(observedFrom(steps)).toEqual([]);
  });
});

describe('a session against a documented figure', () => {
  it.each(figures)('$id is the same as its own play on the chart', (figure) => {
    const { steps } = playFigureOnChart(figure);
    const { arrows, difference } = compareSession(figure, observedFrom(steps));
    expect(difference).toBeNull();
    expect(arrows.map(({ verdict }) => verdict)).not.toContain('not-reached');
  });

  it('is not judged by what comes after the figure’s last arrow', () => {
    const comparison = compareSession(findFigure('1'), observedFrom(registered().steps));
    expect(comparison.difference).toBeNull();
    expect(comparison.arrows.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok']);
  });

  it('waits for arrows that have not come', () => {
    const { steps } = sessionOf(({ connect, client }) => {
      connect();
      client(request(1));
    });
    const { arrows, difference } = compareSession(findFigure('2a'), observedFrom(steps));
    expect(difference).toBeNull();
    expect(arrows.map(({ verdict }) => verdict)).toEqual([
      'ok',
      'ok',
      'not-reached',
      'not-reached',
    ]);
  });

  it('says which other message the client sent', () => {
    expect(
      differs('1', ({ connect, client }) => {
        connect();
        client(login(1));
      }),
    ).toBe('The client sent RequestAgentLogin; the figure has RequestRegisterClient here.');
    expect(
      differs('2b', ({ connect, client }) => {
        connect();
        client(request(1));
      }),
    ).toBe('The client sent RequestRegisterClient; the figure has any other message here.');
  });

  it('says that the client went on where the figure waits', () => {
    const comparison = compareSession(findFigure('2a'), observedFrom(refusedTwice().steps));
    expect(comparison.difference?.sentence).toBe(
      'The client sent RequestAgentLogin; in the figure a timeout expires.',
    );
    expect(comparison.arrows.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok', 'differs']);
    expect(comparison.arrows[3]?.seen?.message?.messageName).toBe('RequestAgentLogin');
  });

  it('does not claim to know whether the client is valid', () => {
    expect(
      differs('1', ({ connect, client, server }) => {
        connect();
        client(request(1));
        server(eventError(1, 2, 'no such name'));
      }),
    ).toBe('The server refused, error code 2: "no such name"; the figure has EventAck here.');
    expect(
      differs('2a', ({ connect, client, server }) => {
        connect();
        client(request(1));
        server(eventAck(1));
      }),
    ).toBe('The server acknowledged; the figure has EventError here.');
  });

  it('says how a connection ended that the figure ends in another way', () => {
    const refused = (end: 'peer-closed' | 'drained') =>
      differs('2a', (script) => {
        script.connect();
        script.client(request(1));
        script.server(eventError(1, 2, 'no'));
        script.wait(700);
        script.end(end);
      });
    expect(refused('peer-closed')).toBe(
      'The connection ended 700 ms after EventError: the client closed the connection; in the figure a timeout expires first.',
    );
    expect(refused('drained')).toBe(
      'The connection ended 700 ms after EventError: the server shut down; in the figure a timeout expires first.',
    );
    expect(
      differs('1', ({ connect, wait }) => {
        connect();
        wait(20_000);
      }),
    ).toBe(
      'The connection ended 10000 ms after the connect: the client did not register before the registration deadline; the figure continues with RequestRegisterClient.',
    );
  });

  it('keeps the sentence for an answer with the wrong reference id', () => {
    expect(
      differs('1', ({ connect, client, server }) => {
        connect();
        client(request(1));
        server(eventAck(7));
      }),
    ).toBe(
      'EventAck carries the wrong reference id: 7; it answers RequestRegisterClient (reference id 1).',
    );
  });
});
