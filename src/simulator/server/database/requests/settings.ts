/** Attributes of one server job: what the client set with 1F80, and the answer that describes the job (reference 7.1). */
import { textCodec } from '../../../../bytes/ccsid/registry';
import type { ServerAttributes } from '../../../../hostserver/formats/server-attributes';
import {
  CLIENT_SUPPORT,
  type setServerAttributes,
  YES,
} from '../../../../hostserver/messages/database/server-attributes';
import { textOf } from '../../../../hostserver/wire-text';
import type { CommitLevel, SqlSession } from '../../../sql-session';
import type { JobName, SystemIdentity } from '../../system';
import { twoDigitForm } from '../replies/moment-text';
import type { ColumnSettings } from '../replies/wire-column';

type Requested = ReturnType<typeof setServerAttributes.decode>['parameters'];

const DEFAULT_LOB_THRESHOLD = 0;
const MAX_LOB_THRESHOLD = 15_728_640;

export class JobSettings implements ColumnSettings {
  dateFormat = 5;
  dateSeparator = 1;
  timeFormat = 2;
  timeSeparator = 1;
  decimalSeparator = 0;
  naming = 0;
  commitmentLevel: CommitLevel = 0;
  autocommit = true;
  lobThreshold = DEFAULT_LOB_THRESHOLD;
  booleanSupported = false;
  rowidSupported = false;
  /** The client understands (2,700): end of data, and the server has closed the cursor. */
  closesAtEnd = false;
  /**
   * Rows with their varying fields cut to length go only to a client that named its functional level (CP 3803), as JTOpen
   * does with V7R2M01. jtopenlite never names one, asks for such rows all the same and reads fields of full length.
   */
  cutsVaryingFields = false;
  schema = '';
  readonly jobCcsid: number;

  constructor(
    private readonly system: SystemIdentity,
    private readonly job: JobName,
    profile: string,
  ) {
    this.jobCcsid = system.jobCcsid;
    this.schema = profile;
  }

  /** Takes over what the client set and passes it to the engine. */
  apply(p: Requested, session: SqlSession): void {
    this.dateFormat = coded(p.dateFormat, 7) ?? this.dateFormat;
    this.dateSeparator = coded(p.dateSeparator, 4) ?? this.dateSeparator;
    this.timeFormat = coded(p.timeFormat, 4) ?? this.timeFormat;
    this.timeSeparator = coded(p.timeSeparator, 3) ?? this.timeSeparator;
    this.decimalSeparator = coded(p.decimalSeparator, 1) ?? this.decimalSeparator;
    if (typeof p.lobThreshold === 'number') this.lobThreshold = Math.min(p.lobThreshold, MAX_LOB_THRESHOLD);
    if (p.clientFunctionalLevel) this.cutsVaryingFields = true;
    if (typeof p.closeAtEof === 'number') this.closesAtEnd = p.closeAtEof === YES;
    if (typeof p.clientSupport === 'number') {
      this.booleanSupported = (p.clientSupport & CLIENT_SUPPORT.boolean) !== 0;
      this.rowidSupported = (p.clientSupport & CLIENT_SUPPORT.rowid) !== 0;
    }
    this.applyToSession(p, session);
  }

  private applyToSession(p: Requested, session: SqlSession): void {
    const naming = coded(p.naming, 1);
    if (naming !== null) {
      this.naming = naming;
      session.setNaming(naming === 1 ? 'system' : 'sql');
    }
    if (typeof p.commitmentLevel === 'number' && p.commitmentLevel <= 4) {
      this.commitmentLevel = p.commitmentLevel as CommitLevel;
      session.setCommitLevel(this.commitmentLevel);
    }
    if (typeof p.autocommit === 'number') {
      this.autocommit = p.autocommit === YES;
      session.setAutocommit(this.autocommit);
    }
    if (p.dateFormat !== undefined || p.dateSeparator !== undefined)
      session.setDateForm(twoDigitForm(this.dateFormat, this.dateSeparator));
    if (p.defaultSchema) {
      this.schema = textOf(p.defaultSchema, this.jobCcsid).trim();
      if (this.schema !== '') session.setDefaultSchema(this.schema);
    }
  }

  /** CP 3804 in full. */
  describe(): ServerAttributes {
    const codec = textCodec(this.jobCcsid);
    const fixed = (text: string, length: number): Buffer => codec.encode(text.slice(0, length).padEnd(length));
    const schema = codec.encode(this.schema);
    return {
      textCcsid: this.jobCcsid,
      dateFormat: this.dateFormat,
      dateSeparator: this.dateSeparator,
      timeFormat: this.timeFormat,
      timeSeparator: this.timeSeparator,
      decimalSeparator: this.decimalSeparator,
      naming: this.naming,
      ignoreDecimalErrors: 0,
      commitmentLevel: this.commitmentLevel,
      drdaPackageSize: 1,
      translationIndicator: 0xf0,
      ccsid: this.jobCcsid,
      nlss: 0,
      languageId: fixed('ENU', 3),
      languageTable: fixed('', 10),
      languageLibrary: fixed('', 10),
      languageFeature: fixed('2924', 4),
      functionalLevel: fixed(this.system.functionalLevel, 10),
      rdbName: fixed(this.system.rdbName, 18),
      defaultLibrary: fixed(this.schema, 10),
      jobName: fixed(this.job.name, 10),
      jobUser: fixed(this.job.user, 10),
      jobNumber: fixed(this.job.number, 6),
      schemaLength: schema.length,
      schema,
    };
  }
}

/** A code of 0 to `highest`; one that does not exist leaves the attribute as it is. */
function coded(value: number | null | undefined, highest: number): number | null {
  return typeof value === 'number' && value <= highest ? value : null;
}
