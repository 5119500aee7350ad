/**
 * The WebSocket endpoint at which a page can connect to the gate. It is secure if the page is, because a browser rejects plain WebSockets on a
 * secure page. For an endpoint on all addresses the host of the page is used.
 * @returns null when the gate has no such endpoint.
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
