/**
 * Names of tables and columns: how they are written in a configuration, how Db2 for i knows them, how SQL writes them.
 *
 * A name is written plain (`ORDNO`, `ordno`, `Order No`) or in double quotes (`"Order No"`, quotes inside doubled). In quotes it
 * means exactly itself. Plain, it is the name spelled exactly so if there is one, and else what Db2 makes of an ordinary
 * identifier: a to z in upper case and nothing else, because other letters stand for @, # and $ in one CCSID or another and have
 * no other case there (`à` of CCSID 297 is the @ of CCSID 37).
 */

/** a-z to upper case; every other character stays. */
export function foldIdentifier(name: string): string {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** A name without its quotes. */
interface Identifier {
  readonly name: string;
  /** In quotes: no other spelling is meant. */
  readonly exact: boolean;
}

export function identifierOf(written: string): Identifier {
  const quoted = /^"((?:[^"]|"")+)"$/.exec(written);
  return quoted ? { name: quoted[1]!.replaceAll('""', '"'), exact: true } : { name: written, exact: false };
}

/** For a statement: always in quotes, so that no name is ever a word of SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** As one would write it in a configuration: in quotes where a plain name would be read otherwise. */
export function writtenName(name: string): string {
  return foldIdentifier(name) === name && /^[\p{L}_#$@§£¥][\p{L}\p{M}\p{N}_#$@§£¥]*$/u.test(name)
    ? name
    : quotedName(name);
}

/** Spellings under which a written name may stand in the catalog, the most exact first. */
export function spellingsOf(written: string): readonly string[] {
  const { name, exact } = identifierOf(written);
  return exact ? [name] : [...new Set([name, foldIdentifier(name), name.toUpperCase()])];
}

/**
 * The one that is meant among those there are: spelled exactly so, else folded, else the only one that differs in case alone.
 * An SQL name spelled so comes before a system name.
 * @param namesOf the names of a candidate, the first counts most
 */
export function findNamed<T>(
  written: string,
  candidates: readonly T[],
  namesOf: (candidate: T) => readonly string[],
): T | undefined {
  const most = Math.max(0, ...candidates.map((c) => namesOf(c).length));
  for (const spelling of spellingsOf(written)) {
    for (let i = 0; i < most; i++) {
      const found = candidates.find((c) => namesOf(c)[i] === spelling);
      if (found !== undefined) return found;
    }
  }
  const { name, exact } = identifierOf(written);
  if (exact) return undefined;
  const capitals = name.toUpperCase();
  const alike = candidates.filter((c) => namesOf(c).some((n) => n.toUpperCase() === capitals));
  return alike.length === 1 ? alike[0] : undefined;
}

/** True if the two written names, or a written and a catalog's name, can mean the same. */
export function sameIdentifier(a: string, b: string): boolean {
  const of = spellingsOf(b);
  return spellingsOf(a).some((spelling) => of.includes(spelling));
}

/** What a record by written names says of a column. */
export function entryFor<T>(record: Readonly<Record<string, T>>, column: string): T | undefined {
  if (Object.hasOwn(record, column)) return record[column];
  return Object.entries(record).find(([written]) => sameIdentifier(written, column))?.[1];
}

/** A written name as it is known where no catalog is at hand: without quotes, or folded. */
export function ordinaryName(written: string): string {
  const { name, exact } = identifierOf(written);
  return exact ? name : foldIdentifier(name);
}

const QUOTED = '"(?:[^"]|"")+"';
const WITH_SLASH = new RegExp(`^\\s*(${QUOTED}|[^\\s/"]+)/(${QUOTED}|[^\\s/"](?:[^/"]*[^\\s/"])?)\\s*$`);
const WITH_DOT = new RegExp(`^\\s*(${QUOTED}|[^\\s/."]+)\\.(${QUOTED}|[^\\s/."](?:[^/."]*[^\\s/."])?)\\s*$`);

/** `LIB/NAME` (or `LIB.NAME`) in its two parts as written; null if it is neither. A part may stand in double quotes. */
export function splitQualified(text: string): readonly [library: string, name: string] | null {
  const m = WITH_SLASH.exec(text) ?? WITH_DOT.exec(text);
  return m ? [m[1]!, m[2]!] : null;
}
