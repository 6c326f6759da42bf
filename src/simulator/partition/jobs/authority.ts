/**
 * Object authority, as much of it as a reader can meet: private authorities over a public one, library *EXECUTE.
 * The public authority of an object without restrictions is *ALL; a user named as an officer has all of everything.
 */
import type Database from 'better-sqlite3';
import { CpfFailure, notAuthorized, notAuthorizedSql } from '../failures';

export interface ObjectName {
  readonly library: string;
  readonly name: string;
  /** `*FILE`, `*JRN`, `*JRNRCV`, `*LIB`. A library is in library QSYS. */
  readonly type: string;
}

const DATA = ['*READ', '*ADD', '*UPD', '*DLT', '*EXECUTE'];
const OBJECT = ['*OBJOPR', '*OBJMGT', '*OBJEXIST', '*OBJALTER', '*OBJREF'];

/** What the special values stand for. */
const BUNDLES: Readonly<Record<string, readonly string[]>> = {
  '*USE': ['*OBJOPR', '*READ', '*EXECUTE'],
  '*CHANGE': ['*OBJOPR', ...DATA],
  '*ALL': [...OBJECT, ...DATA],
  '*EXCLUDE': [],
};

export class Authority {
  private readonly rights = new Map<string, ReadonlySet<string>>();
  private readonly officers = new Set(['QSECOFR', 'QSYS']);

  constructor(private readonly db: Database.Database) {
    const rows = db.prepare('SELECT * FROM authority').all() as (ObjectName & { user: string; rights: string })[];
    for (const row of rows) this.rights.set(keyOf(row, row.user), new Set(row.rights ? row.rights.split(' ') : []));
  }

  /** @throws CpfFailure CPF2283 */
  list(name: string): ObjectName {
    const list = listNamed(name);
    if (this.rights.has(keyOf(list, '*PUBLIC'))) return list;
    throw new CpfFailure('CPF2283', `Authorization list ${name} does not exist.`);
  }

  createList(name: string, authority: string): void {
    const list = listNamed(name);
    if (this.rights.has(keyOf(list, '*PUBLIC')))
      throw new CpfFailure('CPF2282', `Authorization list ${name} already exists.`);
    this.set('*PUBLIC', list, expand([authority]));
  }

  /** @throws CpfFailure CPF2283; CPF2289 while it secures objects */
  deleteList(name: string): void {
    const list = this.list(name);
    for (const [key, rights] of this.rights)
      if (key.endsWith(`/${SECURED}`) && rights.has(name))
        throw new CpfFailure('CPF2289', `Unable to delete authorization list ${name}.`);
    this.forget(list);
  }

  /** An object has one list: another one takes its place. @throws CpfFailure CPF2283 */
  secure(object: ObjectName, list: string): void {
    this.list(list);
    this.set(SECURED, object, new Set([list]));
  }

  unsecure(object: ObjectName, list: string): void {
    if (this.rights.get(keyOf(object, SECURED))?.has(list)) this.drop(SECURED, object);
  }

  /** The user has no entry in the list any more. @throws CpfFailure CPF2283 */
  removeEntry(name: string, user: string): void {
    this.drop(user, this.list(name));
  }

  addOfficer(user: string): void {
    this.officers.add(user);
  }

  /** @param needed `*USE`, `*EXECUTE`, `*OBJEXIST`, `*ADD`... */
  allows(user: string, object: ObjectName, needed: string): boolean {
    if (this.officers.has(user)) return true;
    const wanted = expand([needed]);
    const held = this.held(user, object);
    return [...wanted].every((right) => held.has(right));
  }

  /** The object itself and *EXECUTE of its library. */
  allowsWithLibrary(user: string, object: ObjectName, needed: string): boolean {
    if (!this.allows(user, object, needed)) return false;
    return object.type === '*LIB' || this.allows(user, libraryOf(object), '*EXECUTE');
  }

  /** @throws SqlFailure -551 */
  checkSql(user: string, object: ObjectName, needed: string): void {
    if (!this.allowsWithLibrary(user, object, needed)) throw notAuthorizedSql(object.library, object.name, object.type);
  }

  /** @throws CpfFailure CPF9802, or CPF9820 for the library */
  check(user: string, object: ObjectName, needed: string): void {
    if (object.type !== '*LIB' && !this.allows(user, libraryOf(object), '*EXECUTE'))
      throw new CpfFailure('CPF9820', `Not authorized to use library ${object.library}.`);
    if (!this.allows(user, object, needed)) throw notAuthorized(object.library, object.name);
  }

  grant(user: string, object: ObjectName, authorities: readonly string[], replace = false): void {
    const added = expand(authorities);
    const before = replace || authorities.includes('*EXCLUDE') ? [] : [...(this.rights.get(keyOf(object, user)) ?? [])];
    this.set(user, object, new Set([...before, ...added]));
  }

  /** What is left of the user's authority becomes his private one. */
  revoke(user: string, object: ObjectName, authorities: readonly string[]): void {
    const gone = expand(authorities);
    this.set(user, object, new Set([...this.held(user, object)].filter((right) => !gone.has(right))));
  }

  forget(object: ObjectName): void {
    const prefix = keyOf(object, '');
    for (const key of this.rights.keys()) if (key.startsWith(prefix)) this.rights.delete(key);
    this.db
      .prepare('DELETE FROM authority WHERE library = ? AND name = ? AND type = ?')
      .run(object.library, object.name, object.type);
  }

  /** A new receiver has the authorities of the one it follows. */
  copy(from: ObjectName, to: ObjectName): void {
    const prefix = keyOf(from, '');
    for (const [key, rights] of [...this.rights])
      if (key.startsWith(prefix)) this.set(key.slice(prefix.length), to, rights);
  }

  private held(user: string, object: ObjectName): ReadonlySet<string> {
    return (
      this.rights.get(keyOf(object, user)) ??
      this.heldByList(user, object) ??
      this.rights.get(keyOf(object, '*PUBLIC')) ??
      new Set(BUNDLES['*ALL'])
    );
  }

  private heldByList(user: string, object: ObjectName): ReadonlySet<string> | undefined {
    const [list] = this.rights.get(keyOf(object, SECURED)) ?? [];
    return list === undefined ? undefined : this.rights.get(keyOf(listNamed(list), user));
  }

  private drop(user: string, object: ObjectName): void {
    this.rights.delete(keyOf(object, user));
    this.db
      .prepare('DELETE FROM authority WHERE library = ? AND name = ? AND type = ? AND user = ?')
      .run(object.library, object.name, object.type, user);
  }

  private set(user: string, object: ObjectName, rights: ReadonlySet<string>): void {
    this.rights.set(keyOf(object, user), rights);
    this.db
      .prepare('INSERT INTO authority VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET rights = excluded.rights')
      .run(object.library, object.name, object.type, user, [...rights].join(' '));
  }
}

/** In place of a user: the authorization list that secures an object. */
const SECURED = '*AUTL';

function listNamed(name: string): ObjectName {
  return { library: 'QSYS', name, type: '*AUTL' };
}

function keyOf(object: ObjectName, user: string): string {
  return `${object.library}/${object.name}/${object.type}/${user}`;
}

function libraryOf(object: ObjectName): ObjectName {
  return { library: 'QSYS', name: object.library, type: '*LIB' };
}

function expand(authorities: readonly string[]): Set<string> {
  return new Set(authorities.flatMap((a) => BUNDLES[a] ?? [a]));
}
