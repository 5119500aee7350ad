import type { IncomingMessage } from 'node:http';
import { type Answer, errorAnswer, type FileAnswer, onlyReading, pathOf } from './answer.js';
import { PageFiles } from './page-files.js';
import { RecordingPages, type ShownFile } from './recordings.js';
import type { MountedPages, UpgradeHandler } from './web-handler.js';
import { openWebServer, type WebServer } from './web-server.js';

export interface PageServerOptions {
  /** 0 lets the system choose. @default 0 */
  readonly port?: number | undefined;
  /** Recordings and coverages. */
  readonly recordings?: readonly ShownFile[] | undefined;
  /** Feed of live sessions: `SessionFeed`. @default none */
  readonly feed?: UpgradeHandler | undefined;
  /** The page of a machine, with the answers that it asks for, instead of the page of sessions. @default none */
  readonly machine?: { find(url: URL): Answer | null } | undefined;
  /** The inspector at `/inspector`. @default none */
  readonly inspector?: MountedPages | undefined;
  /** Folder of the built page. @default the page of this package */
  readonly page?: string | undefined;
}

/**
 * Serves the page without a gate, on a loopback address: for recordings, coverages, the figures, the simulator and the sessions of a
 * feed.
 * @throws {ListenError}
 */
export function openPageServer(options: PageServerOptions = {}): Promise<WebServer> {
  const { port = 0, recordings = [], feed, machine, inspector } = options;
  const files = new PageFiles(options.page);
  const pages = new RecordingPages(recordings, feed !== undefined);
  return openWebServer({
    listen: `http://127.0.0.1:${port}`,
    allowedHosts: [],
    token: undefined,
    upgrades: { ...(feed && { '/feed': feed }), ...inspector?.upgrades },
    async answer(request: IncomingMessage, { mayRead }): Promise<Answer | FileAnswer> {
      const path = pathOf(request.url ?? '');
      const wrong = onlyReading(request.method);
      if (wrong) return wrong;
      if (path === '/') return files.index(request, machine ? 'machine.html' : 'index.html');
      const asked = machine?.find(new URL(request.url ?? '', 'http://page'));
      if (asked) return asked;
      const found =
        (await inspector?.find(request, mayRead)) ??
        (await pages.find(path)) ??
        (await files.find(path, request));
      return found ?? errorAnswer(404, 'page not found; expected /');
    },
  });
}
