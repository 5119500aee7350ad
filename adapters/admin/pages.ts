import { setTimeout as delay } from 'node:timers/promises';
import type { FeedAccess, RecordingIndex } from '../../machines/registration/session/feed.js';
import type { ControlApi } from '../control/control-api.js';
import { notReady } from '../control/readiness.js';
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
import { clientAddressOf } from '../web/client-address.js';
import type { PageFiles } from '../web/page-files.js';
import { type MountedPages, type Rights, tokenMissing } from '../web/web-handler.js';
import type { WebRequest } from '../web/web-request.js';
import type { CostlyAnswer } from './costly-answer.js';

/** The inputs of a page. */
export interface Asked {
  /** Live control; null where there is none. */
  readonly control: ControlApi | null;
  readonly gate: GateView;
  readonly files: PageFiles;
  readonly costly: { readonly metrics: CostlyAnswer; readonly sessions: CostlyAnswer };
  /** The rights of the request; `mayRead` allows sessions and metrics. */
  readonly rights: Rights;
  /** Whether the rate limit lets the sender read sessions and metrics, or use live control, now. */
  mayReadNow(request: WebRequest): boolean;
  /** The inspector at `/inspector`; null where there is none. */
  readonly inspector: MountedPages | null;
  /** Whether the gate is about to stop. */
  readonly isStopping: boolean;
  /** Whether there is a feed at `/feed`. */
  readonly watched: boolean;
}

interface Page {
  readonly about: string;
  /** Whether it needs the right to read. */
  readonly guarded?: boolean;
  /** Whether the rate limit applies. */
  readonly isCostly?: boolean;
  answer(asked: Asked, request: WebRequest): Answer | Promise<Answer>;
}

/** Every page, by its path. */
const pages: Readonly<Record<string, Page>> = {
  '/': {
    about: 'the page for browsers; this list for other programs',
    async answer(asked, request) {
      const { headers, ...answer } = wantsPage(request)
        ? await asked.files.index(request)
        : list(asked);
      return { ...answer, headers: { ...headers, vary: 'accept, accept-encoding' } };
    },
  },
  '/help': { about: 'this list', answer: (asked) => list(asked) },
  '/healthz': {
    about: '200 while the process runs',
    answer: () => json(200, { status: 'ok' }),
  },
  '/readyz': {
    about:
      '200 while the gate accepts clients, 503 while it drains, shuts down, is overloaded, lacks a worker or has lost its directory',
    answer({ gate, isStopping }) {
      const reason = notReady(gate, isStopping);
      return reason === null
        ? json(200, { status: 'ready' })
        : json(503, { status: 'not ready', reason });
    },
  },
  '/metrics': {
    about: 'metrics for Prometheus, without names of clients',
    guarded: true,
    isCostly: true,
    answer: ({ costly }) => costly.metrics.get(),
  },
  '/sessions': {
    about: 'connected sessions as JSON',
    guarded: true,
    isCostly: true,
    answer: ({ costly }) => costly.sessions.get(),
  },
  '/sign-in': {
    about: 'POST from the page with the token in the header ixgate-token: sets a cookie for 7 days',
    answer: () => errorAnswer(405, 'POST signs in', { allow: 'POST' }),
  },
  '/sign-out': {
    about: 'POST from the page: removes that cookie',
    answer: () => errorAnswer(405, 'POST signs out', { allow: 'POST' }),
  },
  '/feed': {
    about: 'sessions and their steps, live, for the page (WebSocket; docs/feed.md)',
    guarded: true,
    answer: ({ watched }) =>
      watched
        ? errorAnswer(426, 'this is a WebSocket', { upgrade: 'websocket', connection: 'Upgrade' })
        : errorAnswer(404, 'this gate has no feed'),
  },
  '/recordings.json': {
    about: 'whether the page is served by a gate, and its access',
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

/** @param origin of the requesting page; null if unknown. */
function accessOf({ mayRead, isOwnOrigin }: Rights, origin: string | null): FeedAccess {
  if (origin !== null && !isOwnOrigin(origin)) return 'origin-refused';
  return mayRead ? 'granted' : 'token-needed';
}

/** Delay of the 429 answer in milliseconds, so that clients in a tight loop cost less. */
const tooOftenDelay = 250;
const tooOften = errorAnswer(429, 'too many requests', { 'retry-after': '1' });

/** The answer to a request. */
export async function answerTo(request: WebRequest, asked: Asked): Promise<Answer> {
  const path = pathOf(request.url ?? '');
  const { control } = asked;
  if (control?.has(path) && !isWholeList(path, request)) {
    return controlAnswer(control, request, asked);
  }
  const page = await pageAt(path, request, asked);
  if (!page) {
    const known = Object.keys(aboutOf(asked)).join(', ');
    return errorAnswer(404, `page not found; expected one of ${known}`);
  }
  const wrong = onlyReading(request.method);
  if (wrong) return wrong;
  if (page.guarded && !asked.rights.mayRead) return tokenMissing;
  if (page.isCostly && !asked.mayReadNow(request)) return delay(tooOftenDelay, tooOften);
  return page.answer(asked, request);
}

/** The page, the page of the inspector or the file of a path; null where there is none. */
async function pageAt(
  path: string,
  request: WebRequest,
  { files, inspector, rights }: Asked,
): Promise<Omit<Page, 'about'> | null> {
  if (Object.hasOwn(pages, path)) return pages[path] ?? null;
  const found =
    (await inspector?.find(request, rights.mayRead)) ?? (await files.find(path, request));
  return found && { answer: () => found };
}

/** Whether a request is for the list of all sessions: a separate page, which is made once for many readers. */
function isWholeList(path: string, { method, url = '' }: WebRequest): boolean {
  const isReading = method === 'GET' || method === 'HEAD';
  return path === '/sessions' && isReading && !/[?&](where|limit)=/.test(url);
}

async function controlAnswer(
  control: ControlApi,
  request: WebRequest,
  { rights, mayReadNow }: Asked,
): Promise<Answer> {
  const isPublic = pathOf(request.url ?? '') === '/openapi.json';
  if (!isPublic && !mayReadNow(request)) return delay(tooOftenDelay, tooOften);
  return control.answer(request, {
    actor: { by: 'token', remoteAddress: clientAddressOf(request) },
    readRefusal: rights.mayRead ? null : tokenMissing,
    changeRefusal: rights.changeRefusal,
  });
}

/** What each path is for. */
function aboutOf({
  control,
  inspector,
}: Pick<Asked, 'control' | 'inspector'>): Record<string, string> {
  const all = new Map(Object.entries(pages).map(([path, { about }]) => [path, about]));
  for (const [path, about] of control?.paths ?? []) if (!all.has(path)) all.set(path, about);
  return { ...Object.fromEntries(all), ...inspector?.paths };
}

function list(asked: Asked): Answer {
  const rows = Object.entries(aboutOf(asked)).map(
    ([path, about]) => `${path.padEnd(17)} ${about}\n`,
  );
  return plainText(200, `ixgate\n\n${rows.join('')}`);
}
