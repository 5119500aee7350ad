/**
 * A pattern for whole names: `*` matches any number of characters, `?` exactly one. Other characters match themselves, case-sensitively.
 */
export class Wildcard {
  readonly #wanted: readonly string[];

  constructor(pattern: string) {
    this.#wanted = [...pattern];
  }

  /**
   * Takes at most name x pattern steps, which a regular expression does not guarantee.
   * @param given the characters of the name.
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
        // Extend the last star by one character and retry.
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
