/** LABEL ON, COMMENT ON, GRANT and REVOKE: statements that say something about a file and leave its records alone. */
import { runCommand } from '../../partition/cl/run';
import type { ColumnDef } from '../../partition/files/definitions';
import { ordinalOf } from '../compile/assignment';
import { unsupported } from '../failures';
import type { TokenStream } from '../text/token-stream';
import type { DefinitionContext } from './definition-context';

/** LABEL ON TABLE t IS '..', LABEL ON COLUMN t (c IS '..', ..), LABEL ON COLUMN t.c IS '..'. */
export function labelOn(c: DefinitionContext, read: (s: TokenStream) => Partial<ColumnDef>, columns = false): void {
  const { s, names, work } = c;
  if (!columns && s.take('TABLE')) {
    const table = s.qualifiedName();
    const file = names.fileFor(table.library, table.name);
    s.expect('IS');
    const text = s.string().trimEnd();
    s.end();
    work.partition.transaction(() => {
      file.text = text;
      work.partition.fileStore.store(file);
    });
    return;
  }
  if (!columns && !s.take('COLUMN')) s.take('COLUMNS');
  const first = s.identifier();
  const rest: string[] = [];
  while (s.take('.') || s.take('/')) rest.push(s.identifier());
  const labels = new Map<string, Partial<ColumnDef>>();
  const parts = [first, ...rest];
  if (s.take('(')) {
    do {
      labels.set(s.identifier(), read(s));
    } while (s.take(','));
    s.expect(')');
  } else labels.set(parts.pop()!, read(s));
  s.end();
  const file = names.fileFor(parts.length > 1 ? parts[0]! : null, parts[parts.length - 1]!);
  const labelled = [...file.columns];
  for (const [name, label] of labels) {
    const i = ordinalOf(file, name);
    labelled[i] = { ...labelled[i]!, ...label };
  }
  work.partition.transaction(() => {
    file.setColumns(labelled);
    work.partition.fileStore.store(file);
  });
}

export function commentText(s: TokenStream): { comment: string } {
  s.expect('IS');
  return { comment: s.string() };
}

export function labelText(s: TokenStream): { label?: string; text?: string } {
  const isText = s.take('TEXT');
  s.expect('IS');
  const value = s.string();
  return isText ? { text: value } : { label: value };
}

const PRIVILEGES: Record<string, string> = {
  SELECT: '*OBJOPR *READ *EXECUTE',
  INSERT: '*OBJOPR *ADD',
  UPDATE: '*OBJOPR *UPD',
  DELETE: '*OBJOPR *DLT',
  ALL: '*ALL',
  ALTER: '*OBJALTER',
};

/** GRANT SELECT, INSERT ON [TABLE] t TO user; the same as GRTOBJAUT on the file. */
export function grant({ work, names, s }: DefinitionContext, command: string): void {
  const rights: string[] = [];
  do {
    const word = s.identifier();
    if (word === 'ALL') s.take('PRIVILEGES');
    const right = PRIVILEGES[word];
    if (!right) throw unsupported(`${word} in GRANT`);
    rights.push(right);
  } while (s.take(','));
  s.expect('ON');
  s.take('TABLE');
  const table = s.qualifiedName();
  if (!s.take('TO')) s.expect('FROM');
  const users = [s.identifier()];
  while (s.take(',')) users.push(s.identifier());
  s.at = s.tokens.length;
  const file = names.fileFor(table.library, table.name, '*OBJMGT');
  const authority = [...new Set(rights.join(' ').split(' '))].join(' ');
  for (const user of users) {
    const profile = user === 'PUBLIC' ? '*PUBLIC' : user;
    runCommand(
      work.partition,
      work.job,
      `${command} OBJ(${file.library}/${file.name}) OBJTYPE(*FILE) USER(${profile}) AUT(${authority})`,
    );
  }
}
