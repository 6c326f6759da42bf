/**
 * What a profile of its own needs to read what the configuration names, as CL, and the way back: no special authority, *USE of
 * the files, *USE and *OBJEXIST of the journals, *USE of their receivers through an authorization list, *EXECUTE of libraries.
 *
 * Source of the authorities: QSYS2.DISPLAY_JOURNAL and QjoRetrieveJournalEntries, IBM i documentation, "Authorization".
 */
import { readTables } from '../../catalog/catalog';
import { readJournals } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { formatName, type QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import { clName, clNames, clText } from './cl';

interface Grant {
  readonly purpose: string;
  readonly cl: string;
  /** Takes it back; null where there is nothing to take back. */
  readonly undo: string | null;
}

interface GrantsReport {
  readonly profile: string;
  readonly authorizationList: string;
  /** In the order they are to be run; the way back is the other way round. */
  readonly grants: readonly Grant[];
  /** What a person must know or decide. */
  readonly notes: readonly string[];
}

/** What the configuration reads, by system names. */
export interface ReadObjects {
  readonly files: readonly QualifiedName[];
  readonly journals: readonly ReadJournal[];
  readonly notes: readonly string[];
}

interface ReadJournal {
  readonly name: QualifiedName;
  /** Library and generic name of its receivers. */
  readonly receivers: QualifiedName;
}

interface GrantsWish {
  readonly profile: string;
  readonly authorizationList: string;
}

/** Files and journals as far as the configuration alone shows them. @param journals named on the command line */
export function objectsOffline(config: Config, journals: readonly QualifiedName[]): ReadObjects {
  const captured = config.tables.filter((t) => t.capture === 'journal');
  const named = distinct([...journals, ...captured.flatMap((t) => (t.journal ? [t.journal] : []))]);
  const unknown = named.length === 0 && captured.length > 0;
  return {
    files: distinct(filesOf(config)),
    journals: named.map((name) => ({ name, receivers: { library: name.library, name: '*ALL' } })),
    notes: [
      ...(unknown ? [`the journals of ${captured.length} tables are not known: name them with --journal LIB/JRN`] : []),
      'nothing was asked of the partition: names longer than ten characters are SQL names, put the system names in their place',
    ],
  };
}

/** Files and journals as the partition has them. */
export async function objectsOf(
  config: Config,
  connection: SqlConnection,
  given: readonly QualifiedName[],
): Promise<ReadObjects> {
  const names = distinct(filesOf(config));
  const facts = await readTables(connection, names);
  const captured = facts.filter((_, i) => config.tables.some((t) => isJournaled(t, names[i]!)));
  const own = config.tables.flatMap((t) => (t.capture === 'journal' && t.journal ? [t.journal] : []));
  const journals = distinct([...given, ...own, ...captured.flatMap((f) => (f.journal ? [f.journal.name] : []))]);
  const found = await readJournals(connection, journals);
  const absent = facts.filter((f) => f.columns.length === 0).map((f) => formatName(f.file));
  return {
    files: distinct(facts.map((f) => f.file)),
    journals: journals.map((name) => {
      const attached = found.find((j) => formatName(j.name) === formatName(name))?.attached ?? null;
      return { name, receivers: attached ? genericOf(attached) : { library: name.library, name: '*ALL' } };
    }),
    notes: absent.length === 0 ? [] : [`not visible to the profile that asked, so as written: ${absent.join(', ')}`],
  };
}

/** Receivers of one journal are numbered: `ORDRCV0001` follows as `ORDRCV*`. */
function genericOf({ library, name }: QualifiedName): QualifiedName {
  const stem = name.replace(/\d+$/, '');
  return { library, name: stem === '' ? name : `${stem}*` };
}

function isJournaled(table: Config['tables'][number], name: QualifiedName): boolean {
  return table.capture === 'journal' && formatName(table.table) === formatName(name);
}

function filesOf(config: Config): QualifiedName[] {
  return config.tables.flatMap(({ table, lookups }) => [
    table,
    ...Object.values(lookups).flatMap((lookup) => (lookup.is === 'table' ? [lookup.table] : [])),
  ]);
}

function distinct(names: readonly QualifiedName[]): QualifiedName[] {
  return [...new Map(names.map((name) => [formatName(name), name])).values()];
}

export function grantsReport(config: Config, wish: GrantsWish, read: ReadObjects): GrantsReport {
  const user = clName(wish.profile);
  const list = clName(wish.authorizationList);
  const { files, journals } = read;
  const libraries = [...new Set([...files, ...journals.flatMap((j) => [j.name, j.receivers])].map((n) => n.library))];
  return {
    profile: user,
    authorizationList: list,
    grants: [
      ...profileGrants(config, user),
      ...libraries.map((library) => grant(`library ${library}`, clName(library), '*LIB', user, '*EXECUTE')),
      ...files.map((name) => grant(`file ${formatName(name)}`, clNames(name), '*FILE', user, '*USE')),
      ...journals.map(({ name }) =>
        grant(`journal ${formatName(name)}`, clNames(name), '*JRN', user, '*USE *OBJEXIST'),
      ),
      ...receiverGrants(journals, user, list),
    ],
    notes: [...read.notes, ...NOTES],
  };
}

const NOTES = [
  'whoever may read a journal may read the images of every file in it: give files that nobody else should see a journal of their own',
  'an object has one authorization list: where receivers have one already, add the profile to that one (ADDAUTLE) and leave GRTOBJAUT AUTL out',
  'a receiver made by CHGJRN JRNRCV(*GEN), or by the system, takes over the authorities of the one before it; for others run the line of the receivers again',
  'where access to host servers is limited by function usage: CHGFCNUSG FCNID(QIBM_DB_ZDA) USER(...) USAGE(*ALLOWED)',
  'CRTUSRPRF makes the profile without a password: CHGUSRPRF USRPRF(...) PASSWORD(...) before the first sign-on; any CCSID but 65535 will do',
];

function profileGrants({ partition }: Config, user: string): Grant[] {
  const text = clText(`ibmi-cdc reads journals of ${partition.name}`);
  return [
    {
      purpose: 'the profile: no special authority, no menu, no command line',
      cl: `CRTUSRPRF USRPRF(${user}) PASSWORD(*NONE) USRCLS(*USER) INLPGM(*NONE) INLMNU(*SIGNOFF) LMTCPB(*YES) SPCAUT(*NONE) CCSID(37) TEXT(${text})`,
      undo: `DLTUSRPRF USRPRF(${user}) OWNOBJOPT(*NODLT)`,
    },
  ];
}

function grant(purpose: string, object: string, type: string, user: string, authority: string): Grant {
  const what = `OBJ(${object}) OBJTYPE(${type}) USER(${user}) AUT(${authority})`;
  return { purpose, cl: `GRTOBJAUT ${what}`, undo: `RVKOBJAUT ${what}` };
}

/** By a list, as receivers come and go. */
function receiverGrants(journals: readonly ReadJournal[], user: string, list: string): Grant[] {
  if (journals.length === 0) return [];
  const receivers = distinct(journals.map((j) => j.receivers));
  return [
    {
      purpose: 'the authorization list of the receivers',
      cl: `CRTAUTL AUTL(${list}) AUT(*EXCLUDE) TEXT('Journal receivers that ibmi-cdc reads')`,
      undo: `DLTAUTL AUTL(${list})`,
    },
    {
      purpose: 'the profile may use what the list secures',
      cl: `ADDAUTLE AUTL(${list}) USER(${user}) AUT(*USE)`,
      undo: `RMVAUTLE AUTL(${list}) USER(${user})`,
    },
    ...receivers.map((name) => {
      const what = `OBJ(${clNames(name)}) OBJTYPE(*JRNRCV) AUTL(${list})`;
      return { purpose: `receivers ${formatName(name)}`, cl: `GRTOBJAUT ${what}`, undo: `RVKOBJAUT ${what}` };
    }),
  ];
}

/** As a CL source member: comments, commands continued within 70 columns. */
export function grantsText(report: GrantsReport, revoke: boolean): string {
  const lines = revoke
    ? [...report.grants]
        .reverse()
        .flatMap(({ purpose, undo }) => (undo === null ? [] : member(`back: ${purpose}`, undo)))
    : report.grants.flatMap(({ purpose, cl }) => member(purpose, cl));
  const notes = revoke ? [] : report.notes.flatMap((note) => comment(`Note: ${note}`));
  return `${[...lines, ...notes].join('\n')}\n`;
}

const WIDTH = 70;

function member(purpose: string, cl: string): string[] {
  const lines = wrapped(cl, WIDTH - 2);
  const last = lines.length - 1;
  return [...comment(purpose), ...lines.map((line, i) => `${i === 0 ? '' : '  '}${line}${i === last ? '' : ' +'}`)];
}

function comment(text: string): string[] {
  const plain = text.replaceAll('*/', '* /').replaceAll('/*', '/ *');
  return wrapped(plain, WIDTH - 6).map((line) => `/* ${line} */`);
}

/** At blanks outside of quotes. */
function wrapped(text: string, width: number): string[] {
  const words = text.match(/(?:'(?:[^']|'')*'|[^\s'])+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
