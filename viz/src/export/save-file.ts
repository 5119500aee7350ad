/** Offers content as a download. Nothing is sent over the network. */
export function saveFile(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has started by then. Without this the content would stay in memory.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A file name that every file system accepts. */
export function fileName(...parts: readonly string[]): string {
  const name = parts.join('-').replace(/[^\w.-]+/g, '_');
  return name.slice(-120);
}
