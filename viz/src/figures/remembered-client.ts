/** The valid client of the figures, remembered in this tab: it is in no link and in no other tab. */
import { type FigureClient, figureClientFrom, figureClients } from '../../../machines/index.js';

const key = 'ixgate-figures-client';

export function rememberedClient(): FigureClient {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    const isObject = typeof value === 'object' && value !== null;
    return (isObject && figureClientFrom({ ...value })) || figureClients.valid;
  } catch {
    // Damaged, or the browser allows no storage.
    return figureClients.valid;
  }
}

export function rememberClient({ clientName, clientType }: FigureClient): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ clientName, clientType }));
  } catch {
    // The browser allows no storage.
  }
}
