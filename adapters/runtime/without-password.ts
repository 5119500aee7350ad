/** A URL as it may be shown: without its user and password, and without the values of its query. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^?#]*@/, '//***@').replace(/\?[^#]*/, '?***');
}
