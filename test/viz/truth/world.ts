/** A gate that is killed, restarted and cut off, and the pages that watch it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { expect } from 'vitest';
import { temporaryFolder } from '../../support/folder.js';
import { StallingProxy } from '../../support/stalling-proxy.js';
import { type Facts, GateRun, nothingKnown } from './gate-run.js';
import { Viewer, wrongIn } from './viewer.js';
import { watchPages } from './watch.js';

/** Milliseconds within which a page must show the current state; on a busy machine it takes longer than usual. */
const settling = 30_000;
/** Milliseconds after which a page must not show a lost gate as live: docs/feed.md specifies 6 s of silence. */
const silence = 15_000;

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

export class World implements AsyncDisposable {
  readonly proxy: StallingProxy;
  readonly #folder: Folder;
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #runs: GateRun[] = [];
  readonly viewers: Viewer[] = [];
  token = 'token-of-the-first-gate';
  /** SIGTERM was sent and the gate still runs. */
  isStopping = false;

  static async open(browser: Browser): Promise<World> {
    const folder = await temporaryFolder();
    await mkdir(join(folder.path, 'records'));
    const clients = { clients: [{ pattern: 'desk-*', cap: 1 }] };
    await writeFile(join(folder.path, 'clients.json'), JSON.stringify(clients));
    return new World(browser, folder, await StallingProxy.open());
  }

  private constructor(browser: Browser, folder: Folder, proxy: StallingProxy) {
    this.#browser = browser;
    this.#folder = folder;
    this.proxy = proxy;
  }

  get gate(): GateRun {
    const gate = this.#runs.at(-1);
    if (!gate) throw new Error('no gate was started');
    return gate;
  }

  /** The address of the gate for the pages; the same for all runs. */
  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}/`;
  }

  async startGate(): Promise<void> {
    const { path } = this.#folder;
    const gate = await GateRun.start({
      folder: join(path, 'records'),
      clients: join(path, 'clients.json'),
      token: this.token,
    });
    this.#runs.push(gate);
    this.proxy.target = gate.adminPort;
    this.isStopping = false;
  }

  /** Opens a page. @param ahead how far its clock is ahead of the gate's, milliseconds. */
  async view(name: string, ahead = 0, context?: BrowserContext): Promise<Viewer> {
    const where = context ?? (await this.#context(ahead));
    const page = await where.newPage();
    const viewer = new Viewer(name, page);
    this.viewers.push(viewer);
    return viewer;
  }

  async close(viewer: Viewer): Promise<void> {
    this.viewers.splice(this.viewers.indexOf(viewer), 1);
    await viewer.page.close();
  }

  async kill(): Promise<void> {
    await this.killAt(await this.settled());
  }

  /** @param facts what the pages know. */
  async killAt(facts: Facts): Promise<void> {
    this.gate.signal('SIGKILL');
    await this.gate.ended();
    this.#lose(facts, this.gate.endedAt);
  }

  /** Waits for the end of a stopping gate; it notifies the pages of the end of its sessions. */
  async stopped(): Promise<void> {
    await this.gate.ended();
    this.isStopping = false;
    this.#lose(await this.gate.facts(), this.gate.endedAt);
  }

  /** The pages keep the last facts that the gate sent. */
  #lose(facts: Facts, at: number): void {
    this.proxy.target = 0;
    for (const viewer of this.viewers) viewer.lost(facts, at);
  }

  /** The gate is running and every page can reach it. */
  found(): void {
    for (const viewer of this.viewers) viewer.found();
  }

  /** Resolves when every page agrees with the gate and the recording. */
  async settled(viewers: readonly Viewer[] = this.viewers): Promise<Facts> {
    const end = Date.now() + settling;
    for (;;) {
      try {
        return await this.#compare(viewers);
      } catch (error) {
        if (Date.now() > end) throw error;
        await viewers[0]?.page.waitForTimeout(100);
      }
    }
  }

  async #compare(viewers: readonly Viewer[]): Promise<Facts> {
    // A hung gate cannot be queried, and pages that lost it show their last state.
    const isLost = viewers.every(({ lostAt }) => lostAt !== null);
    const facts = isLost ? nothingKnown : await this.gate.facts();
    for (const viewer of viewers) {
      const [stated, expected] = await viewer.compared(facts, this.isStopping);
      expect(stated, viewer.name).toEqual(expected);
      viewer.agreed(stated);
    }
    return facts;
  }

  /** Wrong statements of the pages meanwhile. */
  async wrong(): Promise<string[]> {
    const all: string[] = [];
    for (const viewer of this.viewers) {
      const wrong = wrongIn(await viewer.stated(), this.#runs, silence);
      all.push(...wrong.map((words) => `${viewer.name}: ${words}`));
    }
    return all;
  }

  /** Stops the processes of the pages during some work, like closing a laptop's lid. */
  async asleep(during: () => Promise<void>): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    for (const id of renderers) process.kill(id, 'SIGSTOP');
    try {
      await during();
    } finally {
      for (const id of renderers) process.kill(id, 'SIGCONT');
      await session.detach();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    for (const run of this.#runs) await run[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #context(ahead: number): Promise<BrowserContext> {
    // All rows of the list are visible.
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 2_600 } });
    this.#contexts.push(context);
    await watchPages(context, ahead);
    return context;
  }
}
