/** Parses the address of a page behind a proxy; its path gets a `/` at the end, for relative URLs. Null if invalid. */
export function publicUrlFrom(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isWeb || url.search || url.hash || url.username || url.password) return null;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
