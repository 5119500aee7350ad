import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Command } from '../cli/in-process.js';
import { labLog } from '../observer/inspect-command/lab-log.js';
import { temporaryFolder } from '../support/folder.js';
import { verdictOf, watchingBrowser } from './watched-gate.js';

const browser = watchingBrowser();

/** Besides clients that register with their names: one that only the log names, a silent one, and one without a name. */
const log = `${labLog}08:02:00.000 Trc 04520 New client 56 connected
08:02:00.010 Trc 26015 Received message 'RequestAgentLogin' (200) from client 'mira', message attributes:
	attr_ref_id [int] = 1
08:02:00.011 Trc 26016 Sending message 'EventError' (126) to client 'mira', message attributes:
	attr_error_code [int] = 1
	attr_error_desc [str] = "client is not registered"
	attr_ref_id [int] = 1
08:02:05.012 Trc 04524 Client 'mira' disconnected
08:03:00.000 Trc 04520 New client 57 connected
08:03:09.000 Trc 04524 Client '57' disconnected
08:04:00.000 Trc 04520 New client 58 connected
08:04:00.010 Trc 26015 Received message 'RequestRegisterClient' (100) from client '58', message attributes:
	attr_client_name [str] = ""
	attr_ref_id [int] = 1
08:04:05.000 Trc 04524 Client '58' disconnected
`;

/** Session and client of each row of the table. */
function rowsOf(table: string): string[][] {
  const [head = '', ...lines] = table.split('\n');
  const start = head.indexOf('session');
  const rows = lines.slice(0, lines.indexOf('')).map((line) => line.slice(start));
  return rows.map((row) => {
    const [, session = '', client = ''] = /^(\S+)\s+(.*?)\s{2,}/.exec(row) ?? [];
    return [session, client === '-' ? '(no name)' : client];
  });
}

describe('ixgate analyze --open', () => {
  it('names the sessions as the table in the terminal does', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'ixn.log');
    await writeFile(path, log);
    await using table = new Command(['analyze', path]);
    expect(await table.ended).toBe(0);
    const expected = rowsOf(table.stdout);
    expect(expected.map(([, client]) => client)).toEqual([
      'desk-1',
      'kiosk-9',
      'mira',
      '57',
      '(no name)',
    ]);

    await using running = new Command(['analyze', path, '--open']);
    const [, url = ''] = /^watch (\S+)$/.exec(await running.line()) ?? [];
    const page = await browser.open(`${url}#sort=start`);
    await page.getByText('5 sessions').waitFor();
    await page.locator('.session-row').nth(4).waitFor();
    const rows = await page
      .locator('.session-row')
      .evaluateAll((all) =>
        all
          .sort((one, other) => Number(one.ariaPosInSet) - Number(other.ariaPosInSet))
          .map((row) => [
            (row as HTMLElement).dataset.session,
            row.querySelector('.session-name')?.textContent,
          ]),
      );
    expect(rows).toEqual(expected);

    // The bar above chart and ladder, and the search, know the name too.
    await page.locator('.session-row', { hasText: 'mira' }).click();
    await verdictOf(page).locator('.verdict-name', { hasText: 'mira' }).waitFor();
    await page.getByRole('searchbox', { name: 'Find a session' }).fill('mira');
    await page.locator('.session-row', { hasText: 'desk-1' }).waitFor({ state: 'detached' });
    expect(await page.locator('.session-row').count()).toBe(1);
  });
});
