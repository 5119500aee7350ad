/** The pages and WebSockets of an inspector, for a server that mounts them. */
import { randomBytes } from 'node:crypto';
import { removedLine } from '../../machines/engine/inspection/lines.js';
import { InspectorStore } from '../../machines/engine/inspection/store.js';
import { OptionError } from '../runtime/errors.js';
import { type Answer, json, pathOf } from '../web/answer.js';
import { isToken, TokenGuard } from '../web/guard.js';
import { framableBy, PageFiles } from '../web/page-files.js';
import { type MountedPages, tokenMissing, type UpgradeHandler } from '../web/web-handler.js';
import type { WebRequest } from '../web/web-request.js';
import { AppSockets } from './app-sockets.js';
import { type AppsJson, appsJson } from './apps-json.js';
import { FeedSockets } from './feed-sockets.js';
import { type InspectorLimits, inspectorLimits } from './limits.js';
import { MessageLog } from './message-log.js';

export interface InspectionOptions {
  /** 16 to 512 visible ASCII characters. Every app and every reader needs it. @default a random one, which only pages of other origins need */
  readonly token?: string | undefined;
  /** A new file for all messages: one a line, as JSON. @default none */
  readonly record?: string | undefined;
  /** @default see InspectorLimits */
  readonly limits?: Partial<InspectorLimits> | undefined;
  /** Called once when the recording cannot be written any more. @default process.emitWarning */
  readonly onProblem?: ((error: Error) => void) | undefined;
  /** Folder of the built page. @default the page of this package */
  readonly page?: string | undefined;
}

/** The path of the WebSocket for apps. */
const appPath = '/stately';
/** The path of the page. */
const pagePath = '/inspector';

/** Pages of this machine, which may show the inspector in a frame. Browsers take no IPv6 address here, and warn about one. */
const loopbackPages = ['localhost', '127.0.0.1']
  .flatMap((host) => [`http://${host}:*`, `https://${host}:*`])
  .join(' ');

export class Inspection implements MountedPages {
  /** What each path is for. */
  readonly paths: Readonly<Record<string, string>> = {
    [pagePath]: 'the inspector of apps with XState 5, for browsers',
    '/stately.json': 'inspected apps, their actors and states as JSON',
    [appPath]: 'what the actors of an app do, from the app (WebSocket)',
    '/inspector/feed': 'what inspected apps do, live, for the page (WebSocket)',
  };
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** The token that pages of other origins need. */
  readonly pageToken: string;
  readonly #token: string | undefined;
  readonly #guard: TokenGuard;
  readonly #store: InspectorStore;
  readonly #log: MessageLog | null;
  readonly #files: PageFiles;

  private constructor(options: InspectionOptions, log: MessageLog | null) {
    const { token } = options;
    const limits = inspectorLimits(options.limits);
    this.pageToken = token ?? randomBytes(12).toString('hex');
    this.#token = token;
    this.#guard = new TokenGuard(this.pageToken);
    this.#store = new InspectorStore(limits, ({ id }) => feed.add(removedLine(id, Date.now())));
    this.#log = log;
    this.#files = new PageFiles(options.page);
    const store = this.#store;
    const feed = new FeedSockets({ store, maxWaiting: limits.bytes });
    this.upgrades = {
      [appPath]: new AppSockets({
        ...{ store, limits, token: this.pageToken, now: Date.now },
        tell: (at, line) => {
          if (!log && !feed.hasViewers) return;
          const text = line();
          log?.add(text, at);
          feed.add(text);
        },
      }),
      '/inspector/feed': feed,
    };
  }

  /** @throws {OptionError} for an invalid option; {RecordingError} when the file cannot be created */
  static async open(options: InspectionOptions = {}): Promise<Inspection> {
    const { token, record } = options;
    if (token !== undefined && !isToken(token)) {
      const allowed = '16 to 512 visible ASCII characters, not beginning with @';
      throw new OptionError('token', '***', allowed);
    }
    inspectorLimits(options.limits);
    const onProblem = options.onProblem ?? ((error: Error) => process.emitWarning(error));
    const log = record === undefined ? null : await MessageLog.open(record, onProblem);
    return new Inspection(options, log);
  }

  apps(): AppsJson {
    return appsJson(this.#store.apps());
  }

  async find(request: WebRequest, mayRead: boolean): Promise<Answer | null> {
    const path = pathOf(request.url ?? '');
    if (path === pagePath) return this.page(request);
    if (path !== '/stately.json') return null;
    return mayRead ? json(200, this.apps()) : tokenMissing;
  }

  /** The page. With the token in the address, pages of this machine may show it in a frame. */
  async page(request: WebRequest): Promise<Answer> {
    const page = await this.#files.index(request, 'inspector.html');
    return this.#guard.carriesToken(request) ? framableBy(page, loopbackPages) : page;
  }

  /** A file of the page, or null. */
  file(request: WebRequest): Promise<Answer | null> {
    return this.#files.find(pathOf(request.url ?? ''), request);
  }

  /** The addresses to paste, for a server. @param url e.g. `http://127.0.0.1:7080` */
  addresses(url: string) {
    const appUrl = `${url.replace(/^http/, 'ws')}${appPath}`;
    const query = (token: string) => `?token=${encodeURIComponent(token)}`;
    const own = this.#token === undefined ? '' : query(this.#token);
    return {
      pageUrl: `${url}${pagePath}${own}`,
      appUrl: `${appUrl}${own}`,
      browserAppUrl: `${appUrl}${query(this.pageToken)}`,
      browserInspectorUrl: `${url}${pagePath}${query(this.pageToken)}`,
    };
  }

  /** Closes the recording. The server that mounts it closes the WebSockets. */
  async close(): Promise<void> {
    await this.#log?.close();
  }
}
