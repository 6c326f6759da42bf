import type { Token } from '../text/lexer';
import { TokenStream } from '../text/token-stream';
import type { Node } from './ast';
import { parseStatement } from './ast';
import { rewrite } from './db2-tokens';
import type { Isolation } from './isolation';

/** A text made here; what a client sent has been tokens already. */
export function parseText(sql: string): ParsedStatement {
  return parseTokens(TokenStream.of(sql).tokens);
}

export function parseTokens(tokens: readonly Token[]): ParsedStatement {
  const { sql: text, types, markerCount, isolation } = rewrite(tokens);
  return { tree: parseStatement(text), types, markerCount, isolation };
}

export interface ParsedStatement {
  readonly tree: Node;
  readonly types: readonly import('../types/sql-type').SqlType[];
  readonly markerCount: number;
  readonly isolation: Isolation | null;
}
