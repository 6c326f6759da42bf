/** A record image and its format: one row or field is concerned, never the whole journal. */
import { ofFamily } from './entry';

const FORMAT_NEXT = 'compare the format with DSPFFD of the file; `ibmi-cdc plan` shows what the catalogue says';

export const DECODE_ERRORS = ofFamily('decode', {
  CCSID_UNKNOWN: {
    means: 'A column or connection has a CCSID that this program carries no table for. Its text is not guessed.',
    next: 'override the CCSID of the column, table or connection in the YAML with one listed in docs/ccsids.md',
  },
  CCSID_BINARY: {
    means: 'CCSID 65535 means bytes that are never converted, and text was asked for.',
    next: 'name the real CCSID of the column, table or connection in the YAML, for example `ccsid: 37`',
  },
  FORMAT_CCSID: {
    means: 'A text column of a record format has no CCSID, so its bytes cannot be read as text.',
    next: 'give the column a ccsid (65535 for bytes)',
  },
  FORMAT_MEANING: {
    means: 'A column cannot be read as the date or time the YAML asks for: its type cannot hold one.',
    next: 'a date, time or timestamp needs a packed, zoned, integer or character column; a pair needs a date and a time',
  },
  FORMAT_COLUMN: {
    means: 'A column of a record format has a type, length, precision or scale that Db2 for i does not have.',
    next: FORMAT_NEXT,
  },
  FORMAT_NO_COLUMN: {
    means: 'A column is asked for that the record format does not have. The message lists those it has.',
    next: FORMAT_NEXT,
  },
  LAYOUT_IMAGE: {
    means:
      'The record image does not have the length of its record format: the file was altered after the entry, or before its columns were read. The columns are read again once; if that does not help, the entry is set aside and reported.',
    next: 'nothing, if the file was altered (a schema.changed notice says so); else compare DSPFFD with the image: `ibmi-cdc trace`',
  },
  LAYOUT_NULLS: {
    means:
      'The null indicators of an entry do not fit the number of columns. The columns are read again once, then the entry is set aside.',
    next: 'as for LAYOUT_IMAGE',
  },
  LAYOUT_LOB: {
    means:
      'The LOB data of an entry do not fit what its record format says. The columns are read again once, then the entry is set aside.',
    next: 'as for LAYOUT_IMAGE',
  },
  MAP_FAILED: {
    means:
      'A rule failed over one row in a way that has no code of its own; what failed is named in brackets, without values. The change is set aside and reported, and the journal goes on.',
    next: 'look at the row on the partition and at the rule; `ibmi-cdc sample --entries` runs the rule over recorded entries',
  },
  EXPRESSION_EFFORT: {
    means:
      'An expression would have taken too long over one row, for example a pattern over a very long text. The change is set aside and reported.',
    next: 'make the expression cheaper, or bound the text with substr()',
  },
  IMAGE_MINIMIZED: {
    means:
      'The journal leaves out fields that did not change (MINENTDTA), so nothing certain can be said of the update. The change is set aside and reported.',
    next: 'CHGJRN JRN(LIB/JRN) MINENTDTA(*NONE), then `ibmi-cdc backfill` the rows concerned',
  },
  HELD_NO_RULE: {
    means:
      'A change that waited (for its parent, or for the end of a debounce) cannot be mapped any more, because the rule it waited under is gone from the configuration. It is set aside and reported.',
    next: 'put the rule back, or backfill the rows concerned',
  },
});
