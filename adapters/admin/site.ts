import type { Registry } from 'prom-client';
import { looked } from '../control/cluster.js';
import type { ControlApi } from '../control/control-api.js';
import { jsonInParts } from '../control/json-in-parts.js';
import { sessionsWhere } from '../control/live-sessions.js';
import { SourceSet } from '../net/addresses/source-set.js';
import { hostOf, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import { defaultLimits, sourceOf, TokenBuckets } from '../server/limits/index.js';
import { withoutUser } from '../web/address.js';
import type { Answer } from '../web/answer.js';
import { clientAddressOf } from '../web/client-address.js';
import { PageFiles } from '../web/page-files.js';
import { publicUrlFrom } from '../web/public-url.js';
import type { MountedPages, Rights, UpgradeHandler } from '../web/web-handler.js';
import type { WebRequest } from '../web/web-request.js';
import { CostlyAnswer } from './costly-answer.js';
import type { Watched } from './gate-metrics.js';
import { Metrics } from './metrics.js';
import { answerTo } from './pages.js';

/** Rate limit for requests of sessions, metrics and live control per address. */
const readingRate = { perSecond: 20, burst: 40, sources: 1_024 };

/** The options that the admin port of `ixgate serve` and an embedded admin share. */
export interface SiteOptions {
  /**
   * Address behind a reverse proxy, e.g. `https://ixgate.example/ops/`: requests may be addressed to its host, and the page may connect
   * from there. Requires a token unless it names this machine. @default none
   */
  readonly publicUrl?: string | undefined;
  /** Addresses and blocks of proxies whose `X-Forwarded-For` and `Forwarded` are trusted for limits per address. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  /** The recorder of the gate, for `/metrics`. @default none */
  readonly recorder?: Watched['recorder'];
  /** Expiry of the gate's TLS certificate in Unix seconds, for `/metrics`. @default none */
  readonly certificateExpiry?: Watched['certificateExpiry'];
  /** Folder of the built page. @default the page of this package */
  readonly page?: string | undefined;
}

/** The parts of a site that its options do not contain. */
export interface SiteParts {
  /** Handlers of WebSocket upgrades by path; `/feed` is the feed of the page. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** The feed, for `/metrics` and for `announceStop`. */
  readonly feed: (Watched['feed'] & { announceStop?(): void }) | null | undefined;
  /** Live control. @default none */
  readonly control?: ControlApi | undefined;
  /** The inspector at `/inspector`. @default none */
  readonly inspector?: MountedPages | undefined;
  /** The registry of the metrics. @default a separate one, with metrics of the process */
  readonly registry?: Registry | undefined;
}

/** The pages of one gate, without access checks. */
export class AdminSite {
  readonly #gate: GateView;
  readonly #files: PageFiles;
  readonly #metrics: Metrics;
  readonly #costly: { readonly metrics: CostlyAnswer; readonly sessions: CostlyAnswer };
  readonly #readings = new TokenBuckets({ ...readingRate, now: () => performance.now() });
  readonly #parts: SiteParts;
  readonly #control: ControlApi | null;
  #isStopping = false;

  constructor(gate: GateView, options: SiteOptions, parts: SiteParts) {
    const { recorder, certificateExpiry } = options;
    const { feed, registry } = parts;
    this.#gate = gate;
    this.#parts = parts;
    this.#control = parts.control ?? null;
    this.#files = new PageFiles(options.page);
    const isStopping = () => this.#isStopping;
    const watched = { gate, recorder, feed, certificateExpiry, isStopping };
    this.#metrics = new Metrics(watched, registry);
    this.#costly = {
      metrics: new CostlyAnswer(async () => ({
        status: 200,
        headers: { 'content-type': this.#metrics.contentType },
        body: await this.#metrics.text(),
      })),
      sessions: new CostlyAnswer(async () => {
        const unreachable = await looked(gate);
        const sessions = await sessionsWhere(gate, []);
        return jsonInParts({ count: sessions.length, sessions, ...unreachable });
      }),
    };
  }

  /** The answer to a request that passed the access checks. */
  answer(request: WebRequest, rights: Rights): Promise<Answer> {
    return answerTo(request, {
      gate: this.#gate,
      control: this.#control,
      files: this.#files,
      costly: this.#costly,
      inspector: this.#parts.inspector ?? null,
      rights,
      watched: Object.hasOwn(this.#parts.upgrades, '/feed'),
      isStopping: this.#isStopping,
      mayReadNow: (one) =>
        this.#readings.take(sourceOf(clientAddressOf(one), defaultLimits.prefixLengths).address),
    });
  }

  /** Makes /readyz answer 503 and the page show that the gate shuts down. */
  announceStop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#parts.feed?.announceStop?.();
  }

  /** Removes its listeners and timers. The gate keeps running. */
  close(): void {
    this.#metrics.close();
  }
}

/** @returns the public URL with a `/` at its end @throws {OptionError} */
export function checkedProxies({ publicUrl, trustProxy = [] }: SiteOptions, hasToken: boolean) {
  const url = publicUrl === undefined ? undefined : publicUrlFrom(publicUrl);
  if (url === null) {
    const shown = withoutUser(publicUrl ?? '');
    throw new OptionError('publicUrl', shown, 'an http or https URL, e.g. https://ixgate.example/');
  }
  if (url && !hasToken && !isLoopback(hostOf(url.host) ?? '')) {
    throw new OptionError('publicUrl', url.href, 'a token, since other machines reach it there');
  }
  try {
    new SourceSet(trustProxy);
  } catch (error) {
    throw new OptionError('trustProxy', trustProxy, (error as Error).message);
  }
  return { publicUrl: url?.href, trustProxy };
}
