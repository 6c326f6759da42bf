/** What the partition itself answered. */
import { ofFamily } from './entry';

export const HOST_ERRORS = ofFamily('host', {
  HOST_SQL: {
    means:
      'Db2 for i answered a statement with an error; SQLCODE, SQLSTATE and message id are in the text and in `facts`. A running daemon makes a new connection and tries again, except where the answer proves more (entries that are gone, a missing authority).',
    next: 'look the message up: DSPMSGD RANGE(SQLnnnn) MSGF(QSQLMSG); for SQL0551 or SQL0552 grant what `ibmi-cdc doctor` names',
  },
  HOST_MESSAGE: {
    means:
      'A command or program that was called through the remote command server ended with messages; their ids and texts are in the error. A running daemon makes a new connection and tries again, except where the messages prove more (entries that are gone, a missing authority).',
    next: 'look the message up: DSPMSGD RANGE(CPFnnnn) MSGF(QCPFMSG); the job log of QZRCSRVS has the rest',
  },
  PROGRAM_REFUSED: {
    means:
      'The remote command server did not carry out a request: it names a return code and no message. Nothing was run.',
    next: 'look at the job log of QZRCSRVS (WRKACTJOB SBS(QUSRWRK)); run again with --trace-wire FILE and report the frames if it happens again',
  },
  READER_NOT_OFFERED: {
    means:
      'Journals are to be read by the retrieve API, which needs the remote command server; the configured transport does not speak it.',
    next: 'set `partition.transport: hostserver`, or `journal.reader: sql`',
  },
  ATTRIBUTES_REFUSED: {
    means:
      'The database server refused the attributes of the connection: code -704 is a relational database that does not exist. Nothing was read.',
    next: 'WRKRDBDIRE shows the databases there are; otherwise look at the log of the server job',
  },
  JOURNAL_NOT_AUTHORIZED: {
    means:
      'The profile may not read the journal or one of its receivers. A receiver that cannot be read is not taken for a gap: the daemon stands still at its position and tries again. New receivers need the authority, too.',
    next: 'GRTOBJAUT OBJ(LIB/RCV) OBJTYPE(*JRNRCV) USER(NAME) AUT(*USE) and GRTOBJAUT OBJ(LIB/JRN) OBJTYPE(*JRN) USER(NAME) AUT(*USE *OBJEXIST); for new receivers set CRTAUT of the library or an authorization list',
  },
  PARENT_TABLE: {
    means:
      'A rule with `parent.fetch` reads rows of a table that the partition does not show to this profile, or not any more. Its journal waits.',
    next: 'grant the profile *USE of the file, or take `fetch` out of the rules that have it as `parent.table`',
  },
  LOOKUP_TABLE: {
    means:
      'The table of a lookup is not on the partition, or the profile may not read it. Nothing is sent with a guessed value.',
    next: 'correct its table under lookups:, or grant the profile *USE of the file',
  },
  LOOKUP_COLUMN: {
    means: 'The table of a lookup does not have a column that the lookup names. The message lists those it has.',
    next: 'correct the column under lookups:',
  },
  WINDOW_PAGE: {
    means:
      'So many rows beside each other have key fields that cannot be read that a page of a window ends inside them: the next page could not be asked for without skipping rows. The window stands still.',
    next: 'mend the key fields on the partition, or raise capture.window.pageRows above the number of such rows',
  },
  BACKFILL_FAILED: {
    means:
      'A backfill ended with an error, which is in the message. Chunks that were committed stay; those that were not are read again with --resume.',
    next: 'mend the cause, then run the same command with --resume, or give it up with --cancel',
  },
});
