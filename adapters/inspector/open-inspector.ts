import { randomBytes } from 'node:crypto';
import { InspectorStore } from '../../machines/engine/inspection/store.js';
import { isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import { type Answer, errorAnswer, json, onlyReading, pathOf, plainText } from '../web/answer.js';
import { isToken } from '../web/guard.js';
import { addressOf } from '../web/index.js';
import { tokenMissing } from '../web/web-handler.js';
import { openWebServer, type WebServer } from '../web/web-server.js';
import { AppSockets } from './app-sockets.js';
import { type AppsJson, appsJson } from './apps-json.js';
import { type InspectorLimits, inspectorLimits } from './limits.js';
import { MessageLog } from './message-log.js';

export interface InspectorServerOptions {
  /** Where to listen; port 0 lets the system choose. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
  /**
   * 16 to 512 visible ASCII characters. Every app and every reader needs it; required for an address that other machines can reach.
   * @default a random one, which only pages of other origins need
   */
  readonly token?: string | undefined;
  /** A new file for all messages: one a line, as JSON. @default none */
  readonly record?: string | undefined;
  /** @default see InspectorLimits */
  readonly limits?: Partial<InspectorLimits> | undefined;
  /** Called once when the recording cannot be written any more. @default process.emitWarning */
  readonly onProblem?: ((error: Error) => void) | undefined;
}

/** An inspector that listens. Closing it does not disturb the apps. */
export interface InspectorServer extends WebServer {
  /** The address for apps in Node: `createWebSocketInspector({ url })`. */
  readonly appUrl: string;
  /** The address for apps in browsers, with the token. */
  readonly pageUrl: string;
  /** What `/stately.json` tells. */
  apps(): AppsJson;
}

/** The path of the WebSocket for apps. */
const appPath = '/stately';

/**
 * Opens an inspector for apps with XState 5: a WebSocket at `/stately` for `createWebSocketInspector` of @statelyai/inspect and for
 * `createInspector` of `ixgate/inspector`, and `/stately.json` for programs. On a loopback address programs of this machine need no token;
 * pages of other origins need one, and must come from a loopback origin.
 * @throws {OptionError} for an invalid option; {ListenError} when it cannot listen; {RecordingError} when the file cannot be created
 */
export async function openInspector(
  options: InspectorServerOptions = {},
): Promise<InspectorServer> {
  const { listen = 'http://127.0.0.1:7080', token } = options;
  checkAddress(listen, token !== undefined);
  if (token !== undefined && !isToken(token)) {
    throw new OptionError(
      'token',
      '***',
      '16 to 512 visible ASCII characters, not beginning with @',
    );
  }
  const limits = inspectorLimits(options.limits);
  const onProblem = options.onProblem ?? ((error: Error) => process.emitWarning(error));
  const store = new InspectorStore(limits);
  const { record } = options;
  const log = record === undefined ? null : await MessageLog.open(record, onProblem);
  const pageToken = token ?? randomBytes(12).toString('hex');
  const sockets = new AppSockets({ store, limits, token: pageToken, log, now: Date.now });
  try {
    const server = await openWebServer({
      listen,
      allowedHosts: [],
      token,
      upgrades: { [appPath]: sockets },
      answer: (request, { mayRead }) => answerTo(request, mayRead, () => appsJson(store.apps())),
    });
    const close = async () => {
      await server.close();
      await log?.close();
    };
    const appUrl = `${server.url.replace(/^http/, 'ws')}${appPath}`;
    return {
      url: server.url,
      appUrl: token === undefined ? appUrl : `${appUrl}?token=${encodeURIComponent(token)}`,
      pageUrl: `${appUrl}?token=${encodeURIComponent(pageToken)}`,
      apps: () => appsJson(store.apps()),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await log?.close();
    throw error;
  }
}

function answerTo(
  { method, url = '' }: { readonly method?: string | undefined; readonly url?: string | undefined },
  mayRead: boolean,
  apps: () => AppsJson,
): Answer {
  const wrong = onlyReading(method);
  if (wrong) return wrong;
  const path = pathOf(url);
  if (path === '/') {
    return plainText(
      200,
      'ixgate inspector\n\n/stately       WebSocket for apps\n/stately.json  apps and actors\n',
    );
  }
  if (path !== '/stately.json') return errorAnswer(404, 'page not found; expected /stately.json');
  return mayRead ? json(200, apps()) : tokenMissing;
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
