/** The valid client of the figures, stored for this tab only: links and other tabs do not contain it. */
import { type FigureClient, figureClientFrom, figureClients } from '../../../machines/index.js';

const key = 'ixgate-figures-client';

export function rememberedClient(): FigureClient {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    const isObject = typeof value === 'object' && value !== null;
    return (isObject && figureClientFrom({ ...value })) || figureClients.valid;
  } catch {
    // The value is damaged, or the browser denies storage.
    return figureClients.valid;
  }
}

export function rememberClient({ clientName, clientType }: FigureClient): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ clientName, clientType }));
  } catch {
    // The browser denies storage.
  }
}
