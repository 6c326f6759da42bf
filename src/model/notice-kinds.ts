/** What can be determined of a whole table: the types of all notices, and where they come from. */

/** From a journal: entries beyond rows, and the judgements of the reader. */
export const JOURNAL_NOTICES = [
  'table.created',
  'table.deleted',
  'table.cleared',
  'table.initialized',
  'table.truncated',
  'table.reorganized',
  'table.restored',
  'table.moved',
  'table.renamed',
  'table.storage-freed',
  'table.changes-applied',
  'table.changes-removed',
  'table.mass-delete',
  'schema.changed',
  'member.created',
  'member.deleted',
  'member.renamed',
  'member.moved',
  'journaling.started',
  'journaling.ended',
  'position.lost',
] as const;

/** Of tables read in windows. */
export const WINDOW_NOTICES = ['table.mass-delete'] as const;

/** Of any table: what a scheduled comparison found. */
export const RECONCILE_NOTICES = ['reconcile.difference'] as const;
