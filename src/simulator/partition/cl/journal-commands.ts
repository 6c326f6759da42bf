/** CL of journals, receivers and journaled files. */

import { CpfFailure, objectNotFound } from '../failures';
import type { JournalAttributes, JournalImages, MinimizeOption, ReceiverSizeOption } from '../files/definitions';
import { ebcdicText } from '../files/ebcdic';
import type { Journal } from '../journal/journal';
import type { Receiver } from '../journal/receiver';
import type { ClArguments } from './arguments';
import type { CommandContext, CommandDefinition } from './command';
import { fileOf, filesNamed, journalOf, memberOf, newName, receiverOf } from './lookup';

const ATTRIBUTE_KEYWORDS = ['MNGRCV', 'DLTRCV', 'RCVSIZOPT', 'MINENTDTA', 'JRNCACHE', 'FIXLENDTA', 'TEXT', 'JRNSTATE'];

export const JOURNAL_COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  CRTJRNRCV: {
    order: ['JRNRCV', 'THRESHOLD', 'TEXT'],
    keywords: ['ASP', 'UNIT', 'AUT'],
    run({ partition }, args) {
      const { library, name } = newName(partition, args.name('JRNRCV'));
      partition.journalStore.createReceiver(library, name, args.number('THRESHOLD', 0));
    },
  },
  CRTJRN: {
    order: ['JRN', 'JRNRCV'],
    keywords: [...ATTRIBUTE_KEYWORDS, 'ASP', 'MSGQ', 'AUT', 'DLTRCVDLY', 'MNGRCVDLY'],
    run({ partition, job }, args) {
      const { library, name } = newName(partition, args.name('JRN'));
      const receiver = receiverOf(partition, args.name('JRNRCV'));
      partition.journalStore.create(library, name, receiver, attributes(args), { origin: job.origin(null) });
    },
  },
  CHGJRN: {
    order: ['JRN', 'JRNRCV', 'SEQOPT'],
    keywords: [...ATTRIBUTE_KEYWORDS, 'DLTRCVDLY', 'MNGRCVDLY', 'MSGQ', 'RCVRTYTIME'],
    run: changeJournal,
  },
  CHGJRNA: {
    order: ['JRNRCYCNT', 'CACHEWAIT'],
    keywords: [],
    run({ partition }, args) {
      partition.cacheWaitSeconds = args.number('CACHEWAIT', partition.cacheWaitSeconds);
    },
  },
  DLTJRN: {
    order: ['JRN'],
    keywords: [],
    run({ partition, job }, args) {
      const journal = journalOf(partition, args.name('JRN'));
      authorized({ partition, job }, journal, '*JRN', '*OBJEXIST');
      partition.journalStore.delete(journal);
    },
  },
  DLTJRNRCV: {
    order: ['JRNRCV', 'DLTOPT'],
    keywords: [],
    run({ partition, job }, args) {
      for (const receiver of receiversNamed({ partition, job }, args)) {
        authorized({ partition, job }, receiver, '*JRNRCV', '*OBJEXIST');
        partition.journalStore.deleteReceiver(receiver, job.origin(null));
      }
    },
  },
  STRJRNPF: {
    order: ['FILE', 'JRN', 'IMAGES', 'OMTJRNE'],
    keywords: ['LOGLVL'],
    run({ partition, job }, args) {
      const journal = journalOf(partition, args.name('JRN'));
      const images = imagesOf(args, '*AFTER');
      const omitOpenClose = args.word('OMTJRNE', '*NONE') === '*OPNCLO';
      for (const file of args.names('FILE').flatMap((n) => filesNamed(partition, n)))
        partition.operations.startJournal(job, file, journal, { images, omitOpenClose });
    },
  },
  ENDJRNPF: {
    order: ['FILE', 'JRN'],
    keywords: [],
    run({ partition, job }, args) {
      const journal = args.word('JRN', '*FILE');
      const wanted = journal === '*FILE' ? null : journalOf(partition, args.name('JRN'));
      const files = args
        .names('FILE')
        .flatMap((n) => (n.name === '*ALL' ? (wanted?.files ?? []) : [fileOf(partition, n)]));
      for (const file of files) partition.operations.endJournal(job, fileOf(partition, file));
    },
  },
  CHGJRNOBJ: {
    order: ['OBJ', 'ATR'],
    keywords: ['IMAGES', 'OMTJRNE'],
    run({ partition, job }, args) {
      const objects = args.words('OBJ').filter((w) => w.includes('/'));
      for (const text of objects) {
        const [library, name] = text.split('/');
        const file = fileOf(partition, { library: library!, name: name! });
        if (!file.journal) throw new CpfFailure('CPF7031', `File ${file.name} in ${file.library} is not journaled.`);
        partition.operations.changeImages(job, file, imagesOf(args, file.images));
      }
    },
  },
  STRJRNLIB: {
    order: ['LIB', 'JRN'],
    keywords: ['INHRULES', 'LOGLVL'],
    run({ partition }, args) {
      const journal = journalOf(partition, args.name('JRN'));
      for (const library of args.words('LIB')) partition.fileStore.inherit(library, journal);
    },
  },
  ENDJRNLIB: {
    order: ['LIB', 'JRN'],
    keywords: [],
    run({ partition }, args) {
      for (const library of args.words('LIB')) partition.fileStore.inherit(library, null);
    },
  },
  SNDJRNE: {
    order: ['JRN', 'TYPE', 'ENTDTA'],
    keywords: ['FILE', 'FORCE'],
    run({ partition, job }, args) {
      const journal = journalOf(partition, args.name('JRN'));
      const [fileText, memberName] = args.words('FILE');
      const file = fileText ? fileOf(partition, args.name('FILE')) : null;
      journal.deposit({
        code: 'U',
        type: args.word('TYPE', '00').padEnd(2).slice(0, 2),
        object: file ? memberOf(file, memberName ?? '*FIRST').objectId : 0,
        origin: job.origin(journal),
        data: ebcdicText(args.word('ENTDTA', '')),
      });
      if (args.word('FORCE', '*NO') === '*YES') journal.flush();
    },
  },
};

function changeJournal({ partition, job }: CommandContext, args: ClArguments): void {
  const journal = journalOf(partition, args.name('JRN'));
  authorized({ partition, job }, journal, '*JRN', '*OBJMGT');
  const to = args.word('JRNRCV', '*SAME');
  const reset = args.word('SEQOPT', '*CONT') === '*RESET';
  if (to !== '*SAME') {
    const receiver = to === '*GEN' ? null : receiverOf(partition, args.name('JRNRCV'));
    partition.changeReceiver(journal, { receiver, reset, origin: job.origin(journal) });
  } else if (reset) throw new CpfFailure('CPF7017', 'SEQOPT(*RESET) needs a new receiver: use JRNRCV(*GEN).');
  partition.journalStore.changeAttributes(journal, attributes(args));
  partition.forgetOrigins();
}

/** Only what the command names; *SAME and unknown values change nothing. */
function attributes(args: ClArguments): Partial<JournalAttributes> {
  const change: { -readonly [K in keyof JournalAttributes]?: JournalAttributes[K] } = {};
  const given = (keyword: string, allowed: readonly string[]) => {
    const value = args.word(keyword, '*SAME');
    if (value === '*SAME') return null;
    if (!allowed.includes(value)) throw new CpfFailure('CPD0084', `Value '${value}' not valid for ${keyword}.`);
    return value;
  };
  const manage = given('MNGRCV', ['*SYSTEM', '*USER']);
  if (manage) change.manageReceivers = manage as JournalAttributes['manageReceivers'];
  const remove = given('DLTRCV', ['*YES', '*NO']);
  if (remove) change.deleteReceivers = remove === '*YES';
  const minimize = given('MINENTDTA', ['*NONE', '*FILE', '*FLDBDY']);
  if (minimize) change.minimize = minimize as MinimizeOption;
  const cache = given('JRNCACHE', ['*YES', '*NO']);
  if (cache) change.cache = cache === '*YES';
  const state = given('JRNSTATE', ['*ACTIVE', '*STANDBY', '*INACTIVE']);
  if (state) change.state = state as JournalAttributes['state'];
  const sizes = args.words('RCVSIZOPT').filter((w) => /^\*(NONE|SYSDFT|MAXOPT[123])$/.test(w));
  if (sizes[0]) change.receiverSize = sizes[0] as ReceiverSizeOption;
  if (args.words('RCVSIZOPT').includes('*RMVINTENT')) change.internalEvery = 0;
  const fixed = args.words('FIXLENDTA');
  if (fixed.length > 0 && fixed[0] !== '*SAME') change.fixedLengthData = fixedFields(fixed);
  const text = args.word('TEXT', '*SAME');
  if (text !== '*SAME') change.text = text;
  return change;
}

function fixedFields(words: readonly string[]): readonly string[] {
  if (words.includes('*JOBUSRPGM')) return ['*JOB', '*USR', '*PGM'];
  return words.filter((w) => w !== '*MINFIXLEN');
}

function imagesOf(args: ClArguments, fallback: JournalImages): JournalImages {
  const value = args.word('IMAGES', fallback);
  if (value !== '*AFTER' && value !== '*BOTH')
    throw new CpfFailure('CPD0084', `Value '${value}' not valid for IMAGES.`);
  return value;
}

/** One receiver, or `LIB/NAME*` for several; oldest first. */
function receiversNamed({ partition }: CommandContext, args: ClArguments): readonly Receiver[] {
  const n = args.name('JRNRCV');
  if (!n.name.endsWith('*')) return [receiverOf(partition, n)];
  const found = partition
    .receivers()
    .filter((r) => r.library === n.library && r.name.startsWith(n.name.slice(0, -1)) && r.status !== 'ATTACHED');
  if (found.length === 0) throw objectNotFound(n.library, n.name);
  return found;
}

function authorized(
  { partition, job }: CommandContext,
  object: Journal | Receiver,
  type: '*JRN' | '*JRNRCV',
  right: string,
): void {
  partition.authority.check(job.currentUser, { library: object.library, name: object.name, type }, right);
}
