import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventAck } from '../../machines/index.js';
import { ladderSvg } from '../../viz/src/ladder/ladder-svg.js';
import type { SessionView } from '../../viz/src/state/contracts.js';
import { seriousFaults } from './parts/axe.js';
import { openParts, type Parts } from './parts/open-parts.js';
import type {} from './parts/window.js';
import { long, refusedTwice, request, sessionOf, viewOf } from './sessions.js';

let parts: Parts;
let page: Page;

beforeAll(async () => {
  parts = await openParts();
  page = await parts.page();
}, 60_000);

afterAll(async () => {
  await parts?.close();
});

type More = { find?: string; figure?: '1' | '2a' | '2b' | '2c' | null };

async function show(view: SessionView, more: More = {}): Promise<void> {
  // As text: Playwright's own way takes seconds for a long session.
  await page.evaluate(
    ([text, rest]) => {
      window.said = [];
      window.showLadder(JSON.parse(text), rest);
    },
    [JSON.stringify(view), more] as const,
  );
}

let sessions = 0;
/** A new name: opened steps are remembered per session. */
const fresh = (view: SessionView): SessionView => {
  sessions += 1;
  return { ...view, summary: { ...view.summary, session: `shown-${sessions}` } };
};

const row = (seq: number) => page.locator(`[data-seq="${seq}"]`);
const said = () => page.evaluate(() => window.said);
const current = () => page.locator('.ladder [aria-current="step"]').getAttribute('data-seq');

describe('the ladder', () => {
  it('is a list of steps in order of seq, whatever their times', async () => {
    const view = refusedTwice();
    await show(
      fresh({ ...view, steps: view.steps.map((step) => ({ ...step, at: 9 - step.seq })) }),
    );
    const list = page.getByRole('list');
    expect(await list.getByRole('listitem').count()).toBe(6);
    const labels = await list.locator('.ladder-heard').allTextContents();
    expect(labels.map((label) => label.split(', ').slice(0, 4))).toEqual([
      ['1', '0 ms', 'client to server', 'connect'],
      ['2', '12 ms', 'client to server', 'RequestRegisterClient'],
      ['3', '15 ms', 'server to client', 'EventError'],
      ['4', '1.3 s', 'client to server', 'RequestAgentLogin'],
      ['5', '1.3 s', 'server to client', 'EventError'],
      ['6', '5.0 s', 'server to client', 'disconnect'],
    ]);
    const named = list.getByRole('button', { name: labels[2] ?? '', exact: true });
    expect(await named.getAttribute('data-seq')).toBe('3');
    const tops = await list
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });

  it('draws arrows in their direction, the deadlines and the reason of the disconnect', async () => {
    await show(fresh(refusedTwice()));
    const ways = await page
      .locator('.ladder-arrow')
      .evaluateAll((arrows) => arrows.map((arrow) => arrow.className.split(' ')[1]));
    expect(ways.map((way) => way === 'to-server')).toEqual([true, true, false, true, false, false]);
    expect(await row(1).locator('.ladder-note').textContent()).toBe(
      'registration deadline: 10.0 s',
    );
    expect(await row(6).locator('.ladder-note').textContent()).toBe('rejection deadline expired');
    expect(await row(6).locator('.ladder-detail').textContent()).toContain(
      'was refused and did not',
    );
    expect(await page.locator('.ladder-bracket.begins').count()).toBe(2);
    expect(await page.locator('.ladder-bracket.ends').count()).toBe(2);
  });

  it('joins its lifelines from row to row, with arrows that end on them', async () => {
    await show(fresh(refusedTwice()));
    const lanes = await page.locator('.ladder-step > .ladder-lane').evaluateAll((all) =>
      all.map((lane) => {
        const { top, bottom, left } = lane.getBoundingClientRect();
        return { top, bottom, left };
      }),
    );
    lanes.slice(1).forEach((lane, index) => {
      expect(lane.top).toBeCloseTo(lanes[index]?.bottom ?? 0, 0);
      expect(lane.left).toBe(lanes[0]?.left);
    });
  });

  it('puts times and the end of the lifelines at the arrow, whatever notes are above it', async () => {
    await show(fresh(refusedTwice()));
    const last = row(6);
    const line = (await last.locator('.ladder-arrow-line').boundingBox())?.y ?? 0;
    const time = await last.locator('.ladder-time').evaluate((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const { top, bottom } = range.getBoundingClientRect();
      return (top + bottom) / 2;
    });
    expect(Math.abs(time - line)).toBeLessThan(4);
    const end = await last.locator('.ladder-lane').evaluate((lane) => {
      const height = Number.parseFloat(getComputedStyle(lane, '::before').height);
      return lane.getBoundingClientRect().top + height;
    });
    expect(Math.abs(end - line)).toBeLessThan(3);
  });

  it('keeps the participants on top while it is scrolled', async () => {
    await show(fresh(long(400)));
    const top = () =>
      page
        .locator('.ladder-heads')
        .first()
        .evaluate((heads) => heads.getBoundingClientRect().top);
    const before = await top();
    await page.locator('.ladder-scroll').evaluate((element) => element.scrollTo(0, 3_000));
    expect(await top()).toBe(before);
    expect(await page.locator('.ladder-heads').first().innerText()).toContain('Interaction Server');
  });

  it('opens the content of a message, with masked values, by click and by Enter', async () => {
    await show(fresh(refusedTwice()));
    await row(2).click();
    const contents = page.getByRole('region', { name: 'Contents of step 2' });
    const json = await contents.locator('pre').textContent();
    expect(JSON.parse(json ?? '')).toEqual({
      messageName: 'RequestRegisterClient',
      referenceId: 1,
      clientName: 'desk-9',
      clientType: 'AgentApplication',
      extension: { site: '***' },
    });
    expect(await contents.textContent()).toContain('masked');
    expect(await contents.textContent()).toContain(
      'awaiting/registration to validating/registration',
    );
    expect(await row(2).getAttribute('aria-expanded')).toBe('true');
    expect(await said()).toEqual([
      ['cursor', 2],
      ['step', 2],
    ]);
    await row(2).press('Enter');
    expect(await contents.count()).toBe(0);
    await row(2).press('Enter');
    expect(await contents.count()).toBe(1);
  });

  it('marks matches in names and in contents, counts them and goes from one to the next', async () => {
    await show(fresh(refusedTwice()), { find: 'AGENT-7' });
    expect(await page.locator('.ladder-find').textContent()).toContain('in 1 step');
    expect(await page.locator('mark').allTextContents()).toEqual(['in contents']);
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await current()).toBe('4');
    expect(await page.locator('.ladder-contents mark').allTextContents()).toEqual(['agent-7']);

    await show(fresh(refusedTwice()), { find: 'eventerror' });
    expect(await page.locator('mark').allTextContents()).toEqual(['EventError', 'EventError']);
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await page.locator('.ladder-find').textContent()).toContain('1 of 2');
    expect(await current()).toBe('3');
    await page.getByRole('button', { name: 'Previous' }).click();
    expect(await current()).toBe('5');

    await show(fresh(refusedTwice()), { find: 'nowhere' });
    expect(await page.locator('.ladder-find').textContent()).toContain('“nowhere” not found');
  });

  it('highlights a request and its answer together, joined, with the response time', async () => {
    await show(fresh(refusedTwice()));
    await row(3).hover();
    const lit = page.locator('.ladder-step.lit');
    expect(await lit.evaluateAll((all) => all.map((one) => one.getAttribute('data-seq')))).toEqual([
      '2',
      '3',
    ]);
    expect(await row(3).locator('.ladder-answered').textContent()).toBe('after 3 ms');
    expect(await page.locator('.ladder-joint').count()).toBe(2);
    await row(1).hover();
    expect(await lit.count()).toBe(0);
  });

  it('follows the newest step until the cursor is moved with the keys', async () => {
    await show(fresh(refusedTwice()));
    expect(await current()).toBe('6');
    await row(6).focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await current()).toBe('4');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-seq'))).toBe('4');
    await page.keyboard.press('Home');
    expect(await current()).toBe('1');
    await page.keyboard.press('ArrowDown');
    expect(await current()).toBe('2');
    await page.keyboard.press('End');
    expect(await current()).toBe('6');
    expect(await said()).toEqual([5, 4, 1, 2, null].map((to) => ['cursor', to]));
  });

  it('highlights the steps that took a selected edge', async () => {
    await show(fresh(refusedTwice()));
    await row(4).click();
    expect(await page.locator('.ladder-step.selected').getAttribute('data-seq')).toBe('4');
  });

  it('follows a session that continues, and does not scroll while the user reads', async () => {
    const all = fresh(long(300));
    const until = (seq: number): SessionView => ({ ...all, steps: all.steps.slice(0, seq) });
    const isLow = () =>
      page
        .locator('.ladder-scroll')
        .evaluate(
          ({ scrollTop, scrollHeight, clientHeight }) =>
            scrollHeight - scrollTop - clientHeight < 60,
        );
    await show(until(200));
    await expect.poll(isLow).toBe(true);
    await show(until(220));
    await expect.poll(isLow).toBe(true);
    await row(220).waitFor();
    expect(await current()).toBe('220');
    await page.locator('.ladder-scroll').evaluate((element) => element.scrollTo(0, 500));
    await row(20).waitFor();
    await show(until(240));
    expect(await page.locator('.ladder-scroll').evaluate(({ scrollTop }) => scrollTop)).toBe(500);
    expect(await page.locator('.ladder-tail').textContent()).toContain('open');
  });

  it('stays smooth with 10,000 steps: few rows are drawn, and long frames are rare', async () => {
    const view = fresh(long(10_000));
    const last = view.steps.at(-1)?.seq ?? 0;
    await show(view);
    await row(last - 3).waitFor();
    expect(await page.locator('.ladder-rows > li').count()).toBeLessThan(80);
    const frames = await page.locator('.ladder-scroll').evaluate(async (element) => {
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const lengths: number[] = [];
      let before = await frame();
      for (let place = 0; place <= 60; place += 1) {
        element.scrollTo(0, (element.scrollHeight * place) / 60);
        const now = await frame();
        lengths.push(now - before);
        before = now;
      }
      return lengths.sort((a, b) => a - b);
    });
    // The median: on a busy machine some frames are long.
    expect(frames[30]).toBeLessThan(120);
    await row(last).focus();
    await page.keyboard.press('Home');
    await row(1).waitFor();
    expect(await current()).toBe('1');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-seq'))).toBe('1');
  });

  it('draws missing steps as a break, with an explanation', async () => {
    const { steps } = refusedTwice();
    const gaps = [{ from: 4, to: 5, cause: 'slow-viewer' }];
    await show(
      fresh(
        viewOf(
          steps.filter(({ seq }) => seq !== 4 && seq !== 5),
          gaps,
        ),
      ),
    );
    expect(await page.locator('.ladder-gap').textContent()).toBe(
      'Steps 4 to 5 were skipped: this viewer was too slow',
    );
  });

  it('draws the documented figure beside it, row for row, with the difference marked', async () => {
    await show(fresh(refusedTwice()), { figure: '2a' });
    expect(await page.locator('.ladder-compared').textContent()).toContain(
      'The client sent RequestAgentLogin; in the figure a timeout expires.',
    );
    const verdicts = await page
      .locator('.ladder-step .ladder-beside.ladder-lane')
      .evaluateAll((all) => all.map((lane) => lane.className.split(' ')[2] ?? 'none'));
    expect(verdicts).toEqual(['ok', 'ok', 'ok', 'differs']);
    const lines = await row(2)
      .locator('.ladder-arrow-line')
      .evaluateAll((all) => all.map((line) => line.getBoundingClientRect().top));
    expect(lines[0]).toBe(lines[1]);
    expect(await row(4).locator('.ladder-heard').textContent()).toContain(
      'differs from the figure',
    );

    await show(fresh(refusedTwice()), { figure: '2c' });
    expect(await page.locator('.ladder-compared.same').textContent()).toContain(
      'Matches figure 2c.',
    );
    await show(fresh(viewOf(refusedTwice().steps.slice(0, 2))), { figure: '1' });
    expect(await page.locator('.ladder-rest').textContent()).toContain('EventAck');
  });

  it('shows a client’s data as text', async () => {
    const evil = '<img src=x onerror="window.said.push([\'ran\'])"></text>';
    const view = sessionOf(({ connect, client, server }) => {
      connect();
      client(request(1, { clientName: evil }));
      server(eventAck(1));
      client({ messageName: evil, referenceId: 2 });
    });
    await show(fresh(view), { find: 'img' });
    await row(4).click();
    expect(await page.locator('.ladder img').count()).toBe(0);
    expect(await row(4).locator('.ladder-arrow-label').textContent()).toContain('<img src=x');
    const svg = ladderSvg(view);
    const parsed = await page.evaluate((text) => {
      const document = new DOMParser().parseFromString(text, 'image/svg+xml');
      return [
        document.querySelector('parsererror')?.textContent ?? '',
        document.querySelectorAll('img, script').length,
        document.documentElement.localName,
      ];
    }, svg);
    expect(parsed).toEqual(['', 0, 'svg']);
    expect((await said()).filter(([what]) => what === 'ran')).toEqual([]);
  });

  it('exports SVG that a browser draws unchanged', async () => {
    const alone = await parts.page();
    const size = await alone.evaluate(async (text) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
      await image.decode();
      return [image.naturalWidth, image.naturalHeight > 300];
    }, ladderSvg(refusedTwice()));
    expect(size).toEqual([860, true]);
    await alone.close();
  });

  it.each(['light', 'dark'] as const)(
    'has no serious axe violation, in %s, wide and narrow',
    async (theme) => {
      for (const size of [
        { width: 1280, height: 720 },
        { width: 390, height: 844 },
      ]) {
        const before = page;
        page = await parts.page(size, theme);
        await show(fresh(refusedTwice()), { figure: '2a', find: 'client' });
        await row(2).click();
        expect(await seriousFaults(page)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBeLessThanOrEqual(size.width);
        await page.close();
        page = before;
      }
    },
  );

  it('logs no errors', () => {
    expect(parts.complaints).toEqual([]);
  });
});
