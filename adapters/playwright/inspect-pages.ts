import type { BrowserContext, TestInfo } from '@playwright/test';
import type { PageInspector } from '../inspector/client/browser.js';
import { suiteVariable } from './record-actors.js';

export interface InspectPagesOptions {
  /** Address of the inspector, with the token. @default that of `recordActors`; without it nothing is inspected */
  readonly url?: string | undefined;
  /** Name of each page in the inspector. @default the name of the first actor */
  readonly name?: string | undefined;
}

/** The pages of a context that are inspected. */
export interface InspectedPages {
  /** Waits until the pages that are open have sent everything. */
  flush(): Promise<void>;
}

/**
 * The pages that the context opens from now on tell an inspector what their actors do, where their app uses `createInspector()` of
 * `ixgate/inspector` without `url`. Each page is an app of the inspector.
 */
export async function inspectPages(
  context: BrowserContext,
  { url = process.env[suiteVariable], name }: InspectPagesOptions = {},
): Promise<InspectedPages> {
  if (url === undefined) return { flush: async () => {} };
  await context.addInitScript(
    (inspector: PageInspector) => {
      (globalThis as { ixgateInspector?: PageInspector }).ixgateInspector = inspector;
    },
    { url, name },
  );
  const flush = async () => {
    const frames = context.pages().flatMap((page) => page.frames());
    // A frame that is gone has nothing to send.
    await Promise.all(frames.map((frame) => frame.evaluate(flushPage).catch(() => {})));
  };
  return { flush };
}

/** Runs in the page. */
async function flushPage(): Promise<void> {
  const { ixgateInspector } = globalThis as { ixgateInspector?: PageInspector };
  await Promise.all((ixgateInspector?.inspectors ?? []).map((inspector) => inspector.flush()));
}

/**
 * Fixtures for `test.extend`: the pages of each test are inspected, under the title of the test.
 *
 *     import { test as base } from '@playwright/test';
 *     export const test = base.extend(inspectedPages);
 */
export const inspectedPages = {
  context: async (
    { context }: { readonly context: BrowserContext },
    use: (context: BrowserContext) => Promise<void>,
    { titlePath }: TestInfo,
  ): Promise<void> => {
    const pages = await inspectPages(context, { name: titlePath.join(' > ') });
    await use(context);
    await pages.flush();
  },
};
