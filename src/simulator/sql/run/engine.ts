/** The SQL engine of the simulated partition: parser, catalog, connections, and a session per server job. */
import type { Partition } from '../../partition/partition';
import type { JobIdentity, SqlEngine, SqlSession } from '../../sql-session';
import { METADATA_PROCEDURES } from '../catalog/metadata-procedures';
import { CATALOG_RELATIONS } from '../catalog/relations';
import type { VirtualRelation } from '../compile/virtual';
import { ConnectionPool } from '../rows/connection';
import type { Procedure } from '../rows/procedure';
import { COMMAND_PROCEDURES } from '../statements/procedures';
import { SIMULATOR_PROCEDURES } from '../statements/simulator-procedures';
import { loadParser } from '../tree/ast';
import { StatementSession } from './session';

interface SqlEngineOptions {
  /** Further procedures, e.g. SIMULATOR.FAULT. */
  readonly procedures?: readonly Procedure[];
  /** What the system says it is; default `V7R4M0`. */
  readonly version?: string;
  /** Further views and table functions. */
  readonly relations?: readonly VirtualRelation[];
}

export class PartitionSqlEngine implements SqlEngine {
  private readonly pool: ConnectionPool;
  private readonly version: string;
  private readonly procedures = new Map<string, Procedure>();
  private readonly relations = new Map<string, VirtualRelation>();

  private constructor(
    readonly partition: Partition,
    options: SqlEngineOptions,
  ) {
    this.version = options.version ?? 'V7R4M0';
    this.pool = new ConnectionPool(partition.db.name);
    for (const r of [...CATALOG_RELATIONS, ...(options.relations ?? [])]) {
      this.relations.set(`${r.library}.${r.name}`, r);
      if (r.systemName) this.relations.set(`${r.library}.${r.systemName}`, r);
    }
    for (const p of [
      ...COMMAND_PROCEDURES,
      ...METADATA_PROCEDURES,
      ...SIMULATOR_PROCEDURES,
      ...(options.procedures ?? []),
    ])
      this.register(p);
  }

  /** Loads the parser, then serves any number of sessions. */
  static async open(partition: Partition, options: SqlEngineOptions = {}): Promise<PartitionSqlEngine> {
    await loadParser();
    return new PartitionSqlEngine(partition, options);
  }

  register(procedure: Procedure): void {
    this.procedures.set(`${procedure.library}.${procedure.name}`, procedure);
  }

  openSession(identity: JobIdentity): SqlSession {
    const { partition, pool, relations, procedures, version } = this;
    return new StatementSession({ partition, pool, relations, procedures, version }, partition.openJob(identity));
  }

  /** Closes the read connections; the partition itself stays open. */
  close(): void {
    this.pool.close();
  }
}
