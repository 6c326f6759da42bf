/** What became of the rows of one unit read by SQL. */
export interface RowFates {
  /** Rows at least one event of which was queued, be it one that stands for several rows. */
  readonly rowsSent: number;
  /** Rows no rule wanted. */
  readonly filtered: number;
  /** Rows that could not be published as they are. */
  readonly quarantined: number;
  /** Events queued for delivery. */
  readonly published: number;
  /** Events that were not queued, as they were before: a parent reported in an earlier chunk of the run. */
  readonly known: number;
}
