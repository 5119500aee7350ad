/** The address of a page behind a proxy: its path ends with `/`, as what stands beside the page needs. Null for anything else. */
export function publicUrlFrom(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isWeb || url.search || url.hash || url.username || url.password) return null;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
