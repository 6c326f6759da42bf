/** A cursor over tokens with the few moves a recursive-descent reader needs; refusals are SQL0104. */
import { keywordNotExpected, tokenNotValid } from '../failures';
import { type Token, tokenize } from './lexer';

export interface SqlName {
  readonly library: string | null;
  readonly name: string;
}

export class TokenStream {
  /** The one place where text becomes tokens. */
  static of(text: string): TokenStream {
    return new TokenStream(tokenize(text));
  }

  constructor(
    readonly tokens: readonly Token[],
    public at = 0,
  ) {}

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  next(): Token {
    const token = this.tokens[this.at];
    if (!token) throw tokenNotValid('<END-OF-STATEMENT>');
    this.at++;
    return token;
  }

  /** Whether the coming tokens are these words or operators. */
  sees(...texts: readonly string[]): boolean {
    return texts.every((text, i) => {
      const token = this.peek(i);
      return token !== undefined && (token.kind === 'word' || token.kind === 'op') && token.text === text;
    });
  }

  /** Takes the words if they come next. */
  take(...texts: readonly string[]): boolean {
    if (!this.sees(...texts)) return false;
    this.at += texts.length;
    return true;
  }

  expect(...texts: readonly string[]): void {
    for (const text of texts) if (!this.take(text)) throw this.refuse(text);
  }

  refuse(expected = '*N'): Error {
    const token = this.peek();
    if (!token) return tokenNotValid('<END-OF-STATEMENT>', expected);
    return token.kind === 'word' && expected !== '*N' && /^[A-Z]+$/.test(expected)
      ? keywordNotExpected(token.text, expected)
      : tokenNotValid(token.text, expected);
  }

  end(): void {
    this.take(';');
    if (!this.done) throw this.refuse('<END-OF-STATEMENT>');
  }

  identifier(): string {
    const token = this.peek();
    if (!token || (token.kind !== 'word' && token.kind !== 'quoted')) throw this.refuse('<IDENTIFIER>');
    this.at++;
    return token.text;
  }

  /** `NAME`, `LIB.NAME` or `LIB/NAME`. */
  qualifiedName(): SqlName {
    const first = this.identifier();
    if (this.take('.') || this.take('/')) return { library: first, name: this.identifier() };
    return { library: null, name: first };
  }

  integer(): number {
    const token = this.peek();
    if (token?.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.refuse('<INTEGER>');
    this.at++;
    return Number(token.text);
  }

  string(): string {
    const token = this.peek();
    if (token?.kind !== 'string') throw this.refuse('<CHARSTRING>');
    this.at++;
    return token.text;
  }

  /** `(A, B, C)` of names. */
  nameList(): string[] {
    this.expect('(');
    const names = [this.identifier()];
    while (this.take(',')) names.push(this.identifier());
    this.expect(')');
    return names;
  }
}
