import { ownText } from '../../../machines/text/format.js';

/** A value of an attribute. */
export type Value = string | number | Attributes;
export type Attributes = { [name: string]: Value };

/** Maximum number of cached attribute names: a log may contain any number. */
const mostNames = 10_000;
/** Limits of a block, so that a damaged one ends. */
const mostLines = 10_000;
const mostCharacters = 1_000_000;

interface Level {
  readonly indent: number;
  readonly values: Attributes;
}

/** Turns `attr_ref_id` into `referenceId`, by an alias table or else to lower camel. */
export class AttributeNames {
  readonly #known: Map<string, string>;

  constructor(aliases: ReadonlyMap<string, string>) {
    this.#known = new Map(aliases);
  }

  of(written: string): string {
    const known = this.#known.get(written);
    if (known !== undefined) return known;
    const name = ownText(camelOf(written.startsWith('attr_') ? written.slice(5) : written));
    if (this.#known.size < mostNames) this.#known.set(ownText(written), name);
    return name;
  }
}

/** Converts `place_agent_state` to `placeAgentState`; names without an underscore stay. */
export function camelOf(snake: string): string {
  return snake.replace(/_+([A-Za-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Collects the attribute lines of one message. */
export class AttributeBlock {
  readonly values: Attributes;
  readonly #names: AttributeNames;
  /** The open lists from the outermost in, with the indentation of their lines. */
  readonly #levels: Level[] = [];
  #lines = 0;
  #characters = 0;
  /** An open text, whose closing quote has not come. */
  #open: { readonly into: Attributes; readonly name: string; text: string } | null = null;
  /** The last text; a line that begins with a quote continues it. */
  #last: { readonly into: Attributes; readonly name: string } | null = null;

  /** @param values receives the attributes. */
  constructor(names: AttributeNames, values: Attributes) {
    this.#names = names;
    this.values = values;
  }

  /** Whether a text is open, so that any next line belongs to it. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /**
   * Takes a line of the block.
   * @returns the problem, or null.
   */
  take(line: string): string | null {
    this.#lines += 1;
    this.#characters += line.length;
    if (this.#lines > mostLines || this.#characters > mostCharacters) {
      return `a message of more than ${mostLines} lines or ${mostCharacters} characters`;
    }
    if (line.includes('\0')) return 'NUL bytes';
    if (this.#open) return this.#continue(line);
    if (line.charCodeAt(0) === 34) return this.#continueLast(line);
    return this.#read(line);
  }

  #continue(line: string): null {
    const open = this.#open;
    if (!open) return null;
    if (line.endsWith('"')) {
      open.into[open.name] = `${open.text}\n${line.slice(0, -1)}`;
      this.#open = null;
    } else open.text += `\n${line}`;
    return null;
  }

  /** Continues the last text with a line that begins with a quote. */
  #continueLast(line: string): string | null {
    const last = this.#last;
    if (!last) return 'a line that continues a text, and there is none';
    const more = line.length > 1 && line.endsWith('"') ? line.slice(1, -1) : line.slice(1);
    if (more !== '') last.into[last.name] = `${last.into[last.name]}\n${more}`;
    return null;
  }

  #read(line: string): string | null {
    let start = 0;
    while (start < line.length && line.charCodeAt(start) <= 32) start += 1;
    if (start === line.length) return null;
    const isQuoted = line.charCodeAt(start) === 39;
    const keyEnd = isQuoted ? line.indexOf("'", start + 1) : line.indexOf(' ', start);
    if (keyEnd < 0) return `no name and value: ${shown(line)}`;
    const written = isQuoted ? line.slice(start + 1, keyEnd) : line.slice(start, keyEnd);
    const typeStart = line.indexOf('[', keyEnd);
    const typeEnd = typeStart < 0 ? -1 : line.indexOf(']', typeStart);
    const equals = typeEnd < 0 ? -1 : line.indexOf('=', typeEnd);
    if (equals < 0 || line.slice(keyEnd + (isQuoted ? 1 : 0), typeStart).trim() !== '') {
      return `no name, type and value: ${shown(line)}`;
    }
    if (line.slice(typeEnd + 1, equals).trim() !== '') return `no value: ${shown(line)}`;
    const type = line.slice(typeStart + 1, typeEnd);
    const into = this.#into(start);
    const name = isQuoted ? ownText(written) : this.#names.of(written);
    // `__proto__` cannot be assigned as a plain attribute.
    if (name === '__proto__') return null;
    if (type === 'list') {
      const values: Attributes = {};
      into[name] = values;
      this.#levels.push({ indent: start, values });
      return null;
    }
    return this.#value(into, name, type, line.slice(equals + 1).trim());
  }

  #value(into: Attributes, name: string, type: string, text: string): string | null {
    this.#last = null;
    if (text.charCodeAt(0) === 34) {
      this.#last = { into, name };
      if (text.length > 1 && text.endsWith('"')) into[name] = text.slice(1, -1);
      else {
        into[name] = text.slice(1);
        this.#open = { into, name, text: text.slice(1) };
      }
      return null;
    }
    if (text === '') return `${name} has no value`;
    if (type === 'str') into[name] = text;
    else {
      // `3 [MediaServer]`: a number and its name.
      const bracket = text.indexOf('[');
      const called = bracket > 0 && text.endsWith(']') ? text.slice(bracket + 1, -1) : null;
      const number = Number(text);
      if (called) into[name] = called;
      else into[name] = Number.isFinite(number) ? number : text;
    }
    return null;
  }

  /** The object that holds an attribute of this indentation. */
  #into(indent: number): Attributes {
    while (this.#levels.length > 0 && (this.#levels.at(-1) as Level).indent >= indent) {
      this.#levels.pop();
    }
    return this.#levels.at(-1)?.values ?? this.values;
  }
}

/** A line for an error text, without the value after its equals sign, which may be secret. */
function shown(line: string): string {
  const text = line.trim().split('=')[0]?.trim() ?? '';
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
