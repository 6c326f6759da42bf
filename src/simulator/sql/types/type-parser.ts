/** Reads a Db2 data type from tokens. Source: Db2 for i SQL reference, CREATE TABLE "data-type" and CAST. */
import { tokenNotValid } from '../failures';
import type { TokenStream } from '../text/token-stream';
import { BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, SMALLINT, type SqlType, sqlType, TIME, timestamp } from './sql-type';

const KILO: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
/** Largest LOB and the length BLOB(2G) is described with. */
const MAX_LOB = 2147483647;

interface ParsedType {
  readonly type: SqlType;
  readonly allocate?: number;
}

/** First word of a data type? Separates types from expressions. */
export function startsType(word: string): boolean {
  return TYPE_WORDS.has(word);
}

const TYPE_WORDS = new Set(
  (
    'CHAR CHARACTER VARCHAR CLOB GRAPHIC VARGRAPHIC DBCLOB NCHAR NVARCHAR NCLOB NATIONAL BINARY VARBINARY BLOB LONG ' +
    'DECIMAL DEC NUMERIC NUM SMALLINT INTEGER INT BIGINT REAL FLOAT DOUBLE DECFLOAT DATE TIME TIMESTAMP BOOLEAN ROWID ' +
    'DATALINK XML'
  ).split(' '),
);

export function parseType(s: TokenStream): ParsedType {
  const word = s.peek();
  if (word?.kind !== 'word' || !startsType(word.text)) throw tokenNotValid(word?.text ?? '<END-OF-STATEMENT>');
  s.next();
  const type = baseType(s, word.text);
  return withModifiers(s, type);
}

function baseType(s: TokenStream, word: string): SqlType {
  switch (word) {
    case 'SMALLINT':
      return SMALLINT;
    case 'INTEGER':
    case 'INT':
      return INTEGER;
    case 'BIGINT':
      return BIGINT;
    case 'REAL':
      return sqlType('REAL', 4);
    case 'DOUBLE':
      s.take('PRECISION');
      return DOUBLE;
    case 'FLOAT': {
      const digits = optionalLength(s, 53);
      return digits <= 24 ? sqlType('REAL', 4) : DOUBLE;
    }
    case 'DECFLOAT':
      return sqlType('DECFLOAT', optionalLength(s, 34) <= 16 ? 8 : 16);
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
    case 'NUM':
      return decimalType(s, word === 'NUMERIC' || word === 'NUM' ? 'NUMERIC' : 'DECIMAL');
    case 'DATE':
      return DATE;
    case 'TIME':
      return TIME;
    case 'TIMESTAMP':
      return timestamp(optionalLength(s, 6));
    case 'BOOLEAN':
      return BOOLEAN;
    case 'ROWID':
      return sqlType('ROWID', 40);
    case 'XML':
      return sqlType('XML', MAX_LOB, 0, 1208);
    case 'DATALINK':
      return sqlType('DATALINK', optionalLength(s, 200), 0, 37);
    default:
      return stringType(s, word);
  }
}

function decimalType(s: TokenStream, name: 'DECIMAL' | 'NUMERIC'): SqlType {
  if (!s.take('(')) return sqlType(name, 5, 0);
  const precision = s.integer();
  const scale = s.take(',') ? s.integer() : 0;
  s.expect(')');
  if (precision < 1 || precision > 63 || scale > precision) throw tokenNotValid(String(precision));
  return sqlType(name, precision, scale);
}

function stringType(s: TokenStream, word: string): SqlType {
  let name = word;
  if (name === 'NATIONAL') name = s.take('CHARACTER') || s.take('CHAR') ? 'NCHAR' : 'NVARCHAR';
  if (name === 'CHARACTER') name = 'CHAR';
  if (name === 'LONG') name = s.take('VARGRAPHIC') ? 'LONGVARGRAPHIC' : 'LONGVARCHAR';
  if (name === 'LONGVARCHAR') s.expect('VARCHAR');
  if (s.take('VARYING')) name = name.startsWith('N') ? 'NVARCHAR' : name === 'BINARY' ? 'VARBINARY' : 'VARCHAR';
  if (s.take('LARGE', 'OBJECT')) name = name === 'BINARY' ? 'BLOB' : name === 'NCHAR' ? 'NCLOB' : 'CLOB';
  switch (name) {
    case 'CHAR':
      return sqlType('CHAR', optionalLength(s, 1), 0, 37);
    case 'VARCHAR':
      return sqlType('VARCHAR', optionalLength(s, 1), 0, 37);
    case 'LONGVARCHAR':
      return sqlType('VARCHAR', 32700, 0, 37);
    case 'CLOB':
      return sqlType('CLOB', optionalLength(s, 1048576), 0, 37);
    case 'GRAPHIC':
    case 'NCHAR':
      return sqlType('GRAPHIC', optionalLength(s, 1), 0, name === 'NCHAR' ? 1200 : 1200);
    case 'LONGVARGRAPHIC':
      return sqlType('VARGRAPHIC', 16350, 0, 1200);
    case 'VARGRAPHIC':
    case 'NVARCHAR':
      return sqlType('VARGRAPHIC', optionalLength(s, 1), 0, 1200);
    case 'DBCLOB':
    case 'NCLOB':
      return sqlType('DBCLOB', optionalLength(s, 1048576), 0, 1200);
    case 'BINARY':
      return sqlType('BINARY', optionalLength(s, 1), 0, 65535);
    case 'VARBINARY':
      return sqlType('VARBINARY', optionalLength(s, 1), 0, 65535);
    default:
      return sqlType('BLOB', optionalLength(s, 1048576), 0, 65535);
  }
}

function optionalLength(s: TokenStream, usual: number): number {
  if (!s.take('(')) return usual;
  const n = s.integer();
  const unit = s.peek();
  const factor = unit?.kind === 'word' ? KILO[unit.text] : undefined;
  if (factor) s.next();
  if (s.sees('CODEUNITS32') || s.sees('CODEUNITS16') || s.sees('OCTETS')) s.next();
  s.expect(')');
  return Math.min(n * (factor ?? 1), MAX_LOB);
}

/** The type of a CAST: characters without a CCSID clause have none, which is the operand's. */
export function parseCastType(s: TokenStream): SqlType {
  const start = s.at;
  const { type } = parseType(s);
  const said = s.tokens.slice(start, s.at).some((t) => t.text === 'CCSID' || t.text === 'DATA');
  return said || !CHARACTER.has(type.name) ? type : { ...type, ccsid: null };
}

const CHARACTER = new Set(['CHAR', 'VARCHAR', 'CLOB']);

function withModifiers(s: TokenStream, base: SqlType): ParsedType {
  let type = base;
  let allocate: number | undefined;
  for (;;) {
    if (s.take('CCSID')) type = { ...type, ccsid: s.integer() };
    else if (s.take('FOR', 'BIT', 'DATA')) type = { ...type, ccsid: 65535 };
    else if (s.take('FOR', 'SBCS', 'DATA') || s.take('FOR', 'MIXED', 'DATA')) type = { ...type, ccsid: 37 };
    else if (s.take('ALLOCATE')) {
      s.expect('(');
      allocate = s.integer();
      s.expect(')');
    } else return allocate === undefined ? { type } : { type, allocate };
  }
}
