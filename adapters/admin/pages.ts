import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedAccess, RecordingIndex } from '../../machines/index.js';
import type { GateView } from '../server/index.js';
import {
  type Answer,
  errorAnswer,
  json,
  onlyReading,
  pathOf,
  plainText,
  wantsPage,
} from '../web/answer.js';
import type { PageFiles } from '../web/page-files.js';
import { type Rights, tokenMissing } from '../web/web-server.js';
import type { CostlyAnswer } from './costly-answer.js';

/** What a page is made of. */
export interface Asked {
  readonly gate: GateView;
  readonly files: PageFiles;
  readonly costly: { readonly metrics: CostlyAnswer; readonly sessions: CostlyAnswer };
  /** What the request may do: it may read sessions and metrics where `mayRead` is true. */
  readonly rights: Rights;
  /** Whether the sender of the request may read them once more now: false when it has asked too often. */
  mayReadNow(request: IncomingMessage): boolean;
  /** Whether the gate is about to stop. */
  readonly isStopping: boolean;
  /** Whether there is a feed at `/feed`. */
  readonly watched: boolean;
}

interface Page {
  readonly about: string;
  /** It tells of sessions, or how the gate fares. */
  readonly guarded?: boolean;
  /** An address may ask for it only so often. */
  readonly isCostly?: boolean;
  answer(asked: Asked, request: IncomingMessage): Answer | Promise<Answer>;
}

/** Every page, by its path. */
const pages: Readonly<Record<string, Page>> = {
  '/': {
    about: 'the page to watch sessions on; this list for whoever is no browser',
    async answer({ files }, request) {
      const { headers, ...answer } = wantsPage(request) ? await files.index(request) : list();
      return { ...answer, headers: { ...headers, vary: 'accept, accept-encoding' } };
    },
  },
  '/help': { about: 'this list', answer: () => list() },
  '/healthz': {
    about: '200 while the process is up',
    answer: () => json(200, { status: 'ok' }),
  },
  '/readyz': {
    about:
      '200 while clients are taken, 503 while the gate shuts down, is overloaded or lacks a worker',
    answer({ gate, isStopping }) {
      const reason = notReady(gate, isStopping);
      return reason === null
        ? json(200, { status: 'ready' })
        : json(503, { status: 'not ready', reason });
    },
  },
  '/metrics': {
    about: 'what the gate counts, for Prometheus; it names no client',
    guarded: true,
    isCostly: true,
    answer: ({ costly }) => costly.metrics.get(),
  },
  '/sessions': {
    about: 'who is connected, as JSON',
    guarded: true,
    isCostly: true,
    answer: ({ costly }) => costly.sessions.get(),
  },
  '/sign-in': {
    about: 'POST with the token in the header ixgate-token, from the page: a cookie for 7 days',
    answer: () => errorAnswer(405, 'POST signs in', { allow: 'POST' }),
  },
  '/sign-out': {
    about: 'POST, from the page: removes that cookie',
    answer: () => errorAnswer(405, 'POST signs out', { allow: 'POST' }),
  },
  '/feed': {
    about: 'sessions and their steps as they come, for the page (WebSocket; docs/feed.md)',
    guarded: true,
    answer: ({ watched }) =>
      watched
        ? errorAnswer(426, 'this is a WebSocket', { upgrade: 'websocket', connection: 'Upgrade' })
        : errorAnswer(404, 'this gate has no feed'),
  },
  '/recordings.json': {
    about: 'tells the page that there is a gate, and whether it may watch',
    answer({ watched, rights }, { url = '' }) {
      const origin = new URLSearchParams(url.slice(pathOf(url).length)).get('origin');
      const index: RecordingIndex = {
        gate: watched,
        access: accessOf(rights, origin),
        isSignedIn: rights.isSignedIn,
        recordings: [],
      };
      return json(200, index, { 'cache-control': 'no-store' });
    },
  },
};

/** @param origin of the page that asks; null where it does not say. */
function accessOf({ mayRead, isOwnOrigin }: Rights, origin: string | null): FeedAccess {
  if (origin !== null && !isOwnOrigin(origin)) return 'origin-refused';
  return mayRead ? 'granted' : 'token-needed';
}

/** Why a gate is not ready for clients; null when it is. */
function notReady({ isClosing, isOverloaded, workers }: GateView, isStopping: boolean) {
  if (isStopping || isClosing) return 'the gate is shutting down';
  if (workers?.startError) return `a worker cannot be started (${workers.startError})`;
  if (workers?.live === 0) return 'all workers are down or hung';
  return isOverloaded ? 'the event loop was held up' : null;
}

/** Milliseconds a request is kept waiting for it: answers to readers in a loop take time, too. */
const tooOftenDelay = 250;
const tooOften = errorAnswer(429, 'sessions and metrics are asked for too often', {
  'retry-after': '1',
});

/** What a request is answered with. */
export async function answerTo(request: IncomingMessage, asked: Asked): Promise<Answer> {
  const path = pathOf(request.url ?? '');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const file = page ? null : await asked.files.find(path, request);
  if (!page && !file) {
    return errorAnswer(404, `there is no such page; there are ${Object.keys(pages).join(', ')}`);
  }
  const wrong = onlyReading(request.method);
  if (wrong) return wrong;
  if (page?.guarded && !asked.rights.mayRead) return tokenMissing;
  if (page?.isCostly && !asked.mayReadNow(request)) return delay(tooOftenDelay, tooOften);
  return page ? page.answer(asked, request) : (file ?? errorAnswer(404, 'there is no such page'));
}

function list(): Answer {
  const rows = Object.entries(pages).map(([path, { about }]) => `${path.padEnd(17)} ${about}\n`);
  return plainText(200, `ixgate\n\n${rows.join('')}`);
}
