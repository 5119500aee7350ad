import { isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import {
  type Answer,
  errorAnswer,
  onlyReading,
  pathOf,
  plainText,
  wantsPage,
} from '../web/answer.js';
import { addressOf } from '../web/index.js';
import type { WebRequest } from '../web/web-request.js';
import { openWebServer, type WebServer } from '../web/web-server.js';
import type { AppsJson } from './apps-json.js';
import { Inspection, type InspectionOptions } from './inspection.js';

export interface InspectorServerOptions extends InspectionOptions {
  /** Where to listen; port 0 lets the system choose. An address that other machines can reach needs a token. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
}

/** An inspector that listens. Closing it does not disturb the apps. */
export interface InspectorServer extends WebServer {
  /** The page. */
  readonly pageUrl: string;
  /** The address for apps in Node: `createWebSocketInspector({ url })`. */
  readonly appUrl: string;
  /** The address for apps in browsers, with the token. */
  readonly browserAppUrl: string;
  /** The address for `createBrowserInspector({ url })`, with the token. */
  readonly browserInspectorUrl: string;
  /** What `/stately.json` tells. */
  apps(): AppsJson;
}

/** See `openInspector` of `ixgate/inspector`. */
export async function openInspector(
  options: InspectorServerOptions = {},
): Promise<InspectorServer> {
  const { listen = 'http://127.0.0.1:7080', token } = options;
  checkAddress(listen, token !== undefined);
  const inspection = await Inspection.open(options);
  try {
    const server = await openWebServer({
      listen,
      allowedHosts: [],
      token,
      upgrades: inspection.upgrades,
      answer: (request, { mayRead }) => answerTo(request, mayRead, inspection),
    });
    const close = async () => {
      await server.close();
      await inspection.close();
    };
    return {
      url: server.url,
      ...inspection.addresses(server.url),
      apps: () => inspection.apps(),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await inspection.close();
    throw error;
  }
}

async function answerTo(
  request: WebRequest,
  mayRead: boolean,
  inspection: Inspection,
): Promise<Answer> {
  const wrong = onlyReading(request.method);
  if (wrong) return wrong;
  if (pathOf(request.url ?? '') === '/') {
    const page = wantsPage(request) ? await inspection.page(request) : list(inspection);
    return { ...page, headers: { ...page.headers, vary: 'accept, accept-encoding' } };
  }
  const found = (await inspection.find(request, mayRead)) ?? (await inspection.file(request));
  const paths = Object.keys(inspection.paths).join(', ');
  return found ?? errorAnswer(404, `page not found; expected one of /, ${paths}`);
}

function list({ paths }: Inspection): Answer {
  const rows = Object.entries(paths).map(([path, about]) => `${path.padEnd(17)} ${about}\n`);
  return plainText(200, `ixgate inspector\n\n${rows.join('')}`);
}

/** @throws {OptionError} */
function checkAddress(listen: string, hasToken: boolean): void {
  let host: string;
  try {
    host = addressOf(listen).host;
  } catch (error) {
    const { value } = error as OptionError;
    throw new OptionError('listen', value, 'http://host:port, e.g. http://127.0.0.1:7080');
  }
  if (hasToken || isLoopback(host)) return;
  throw new OptionError('listen', listen, 'a token, or an address such as http://127.0.0.1:7080');
}
