/**
 * Whether a whole name fits a pattern: `*` stands for any characters, none included, `?` for exactly one; everything
 * else, capitals and small letters too, stands for itself. Takes at most name x pattern steps whatever the pattern, which
 * a regular expression would not promise.
 */
export function matchesWildcard(pattern: string, name: string): boolean {
  const wanted = [...pattern];
  const given = [...name];
  let at = 0;
  let star = -1;
  let afterStar = 0;
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      afterStar = index;
    } else if (wanted[at] === '?' || wanted[at] === given[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // Let the last star take one more character and try again from there.
      at = star + 1;
      index = ++afterStar;
    } else {
      return false;
    }
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
