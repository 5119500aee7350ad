import type { GateServer } from '../server/index.js';

/** What is answered, as it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Page {
  readonly about: string;
  answer(gate: GateServer): Answer;
}

/** Every page, by its path. */
const pages: Readonly<Record<string, Page>> = {
  '/': {
    about: 'this list',
    answer: () => ({
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `ixgate\n\n${Object.entries(pages)
        .map(([path, { about }]) => `${path.padEnd(10)} ${about}\n`)
        .join('')}`,
    }),
  },
  '/healthz': {
    about: '200 while the process is up',
    answer: () => json(200, { status: 'ok' }),
  },
  '/readyz': {
    about: '200 while clients are taken, 503 while the gate shuts down',
    answer: (gate) =>
      gate.isClosing
        ? json(503, { status: 'not ready', reason: 'the gate is shutting down' })
        : json(200, { status: 'ready' }),
  },
  '/sessions': {
    about: 'who is connected, as JSON',
    answer(gate) {
      const sessions = gate.sessions();
      return json(200, { count: sessions.length, sessions });
    },
  },
};

/** What a request is answered with. */
export function answerTo(gate: GateServer, method: string, url: string): Answer {
  const path = url.replace(/[?#].*$/s, '');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (!page) {
    return errorAnswer(404, `there is no such page; there are ${Object.keys(pages).join(', ')}`);
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return errorAnswer(405, `the method is ${method}; allowed: GET, HEAD`, { allow: 'GET, HEAD' });
  }
  return page.answer(gate);
}

/** An error as JSON. */
export function errorAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { error: { status, message } }, headers);
}

function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}
