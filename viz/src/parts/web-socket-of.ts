/**
 * The endpoint at which a page can speak to the gate itself: a WebSocket, secure where the page is, since a browser refuses a plain
 * one there. One that listens on every address is reached where the page was.
 * @returns null when the gate has none.
 */
export function webSocketOf(
  endpoints: readonly string[],
  page: Pick<Location, 'protocol' | 'hostname'>,
): string | null {
  const schemes = page.protocol === 'https:' ? ['wss:'] : ['ws:', 'wss:'];
  for (const scheme of schemes) {
    const endpoint = endpoints.find((one) => one.startsWith(scheme));
    if (endpoint) return endpoint.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:)/, `//${page.hostname}`);
  }
  return null;
}
