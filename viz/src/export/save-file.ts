/** Hands something to the reader as a file; nothing is sent anywhere. */
export function saveFile(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then; the address would hold the content in memory for ever.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name that every file system takes. */
export function fileName(...parts: readonly string[]): string {
  const name = parts.join('-').replace(/[^\w.-]+/g, '_');
  return name.slice(-120);
}
