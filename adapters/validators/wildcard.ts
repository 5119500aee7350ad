/**
 * A pattern for whole names: `*` stands for any characters, none included, `?` for exactly one; everything else, capitals and
 * small letters too, stands for itself.
 */
export class Wildcard {
  readonly #wanted: readonly string[];

  constructor(pattern: string) {
    this.#wanted = [...pattern];
  }

  /**
   * Takes at most name x pattern steps whatever the pattern, which a regular expression would not promise.
   * @param given the name, by its characters.
   */
  matches(given: readonly string[]): boolean {
    const wanted = this.#wanted;
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
}
