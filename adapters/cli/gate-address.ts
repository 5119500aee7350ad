/** The address of a running gate, as `--against` and `ixgate ctl` take it. */

/** The path of `unix:///path`; undefined for other text. */
export function socketPathIn(text: string): string | undefined {
  return /^unix:\/\/(\/.+)$/.exec(text)?.[1];
}

/** The URL of an admin port as a client on this machine reaches it; null for other text. */
export function adminUrlIn(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return null;
  // A gate that listens on every address is reached on this machine.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url;
}
