/** Reading a command's parameters: by keyword or by position, with special values and qualified names. */
import type { QualifiedName } from '../../../model/position';
import { CpfFailure } from '../failures';
import type { ClCommand, ClValue } from './parse';

export class ClArguments {
  /** @param order keywords in positional order */
  constructor(
    private readonly command: ClCommand,
    private readonly order: readonly string[],
  ) {}

  /** Every keyword must be one of `known` (or of the positional ones). @throws CpfFailure CPD0043 */
  allow(...known: readonly string[]): this {
    for (const keyword of this.command.keywords.keys())
      if (!known.includes(keyword) && !this.order.includes(keyword))
        throw new CpfFailure('CPD0043', `Keyword ${keyword} not valid for this command.`);
    return this;
  }

  values(keyword: string): readonly ClValue[] | null {
    const named = this.command.keywords.get(keyword);
    if (named) return named;
    const at = this.order.indexOf(keyword);
    const positional = at < 0 ? undefined : this.command.positional[at];
    if (positional === undefined) return null;
    return typeof positional === 'string' ? [positional] : positional;
  }

  /** First value as a word; `fallback` when absent. */
  word(keyword: string, fallback: string): string {
    const value = this.values(keyword)?.[0];
    return typeof value === 'string' ? value : fallback;
  }

  /** @throws CpfFailure CPD0071 when absent */
  required(keyword: string): string {
    const value = this.values(keyword)?.[0];
    if (typeof value !== 'string') throw missing(keyword);
    return value;
  }

  /** All values as words, lists flattened. */
  words(keyword: string): string[] {
    return flatten(this.values(keyword) ?? []);
  }

  number(keyword: string, fallback: number): number {
    const text = this.word(keyword, '');
    return /^\d+$/.test(text) ? Number(text) : fallback;
  }

  name(keyword: string): QualifiedName {
    return qualifiedName(this.required(keyword));
  }

  names(keyword: string): QualifiedName[] {
    const list = this.words(keyword);
    if (list.length === 0) throw missing(keyword);
    return list.map(qualifiedName);
  }
}

/** `LIB/NAME`; a name alone is in *LIBL. */
export function qualifiedName(text: string): QualifiedName {
  const [library, name, rest] = text.split('/');
  if (rest !== undefined || !library || name === '')
    throw new CpfFailure('CPD0020', `Character '/' not valid following string '${text}'.`);
  return name === undefined ? { library: '*LIBL', name: library } : { library, name };
}

function flatten(values: readonly ClValue[]): string[] {
  return values.flatMap((v) => (typeof v === 'string' ? [v] : flatten(v)));
}

function missing(keyword: string): CpfFailure {
  return new CpfFailure('CPD0071', `Parameter ${keyword} required.`);
}
