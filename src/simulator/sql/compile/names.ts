/** Resolves names as one job sees them: default schema or library list, files before catalog relations. */

import type { PhysicalFile } from '../../partition/files/physical-file';
import type { PartitionJob } from '../../partition/jobs/job';
import type { Partition } from '../../partition/partition';
import type { JobDateForm } from '../../sql-session';
import { notAuthorized, objectNotFound } from '../failures';
import type { NameSpace } from './context';
import type { VirtualRelation } from './virtual';

/** Where unqualified catalog names are looked for. */
const SYSTEM_LIBRARIES = ['QSYS', 'QSYS2', 'SYSIBM', 'SYSIBMADM'];

export interface NamingState {
  naming: 'sql' | 'system';
  schema: string;
  dateForm: JobDateForm | null;
}

export class JobNames implements NameSpace {
  constructor(
    private readonly partition: Partition,
    private readonly job: PartitionJob,
    private readonly relations: ReadonlyMap<string, VirtualRelation>,
    private readonly state: NamingState,
  ) {}

  get dateForm(): JobDateForm | null {
    return this.state.dateForm;
  }

  /** Library searched first for an unqualified name. */
  libraryList(): string[] {
    const own = [this.state.schema, 'QGPL', 'QTEMP'];
    return this.state.naming === 'system'
      ? [...new Set([...own, ...this.partition.libraries().map((l) => l.name)])]
      : own.slice(0, 1);
  }

  table(library: string | null, name: string): PhysicalFile | VirtualRelation {
    const file = this.file(library, name);
    if (file) {
      this.authorize(file, '*USE');
      return file;
    }
    const places = library === null ? SYSTEM_LIBRARIES : [library];
    for (const place of places) {
      const relation = this.relations.get(`${place}.${name}`);
      if (relation && !relation.parameters) return relation;
    }
    throw objectNotFound(name, library ?? (this.state.naming === 'system' ? '*LIBL' : this.state.schema));
  }

  file(library: string | null, name: string): PhysicalFile | null {
    for (const place of library === null || library === '*LIBL' ? this.libraryList() : [library]) {
      const file = this.partition.file(place, name);
      if (file) return file;
    }
    return null;
  }

  /** A file that must exist. */
  fileFor(library: string | null, name: string, authority = '*USE'): PhysicalFile {
    const file = this.file(library, name);
    if (!file) throw objectNotFound(name, library ?? (this.state.naming === 'system' ? '*LIBL' : this.state.schema));
    this.authorize(file, authority);
    this.partition.checkAllocation(this.job, file);
    return file;
  }

  private authorize(file: PhysicalFile, authority: string): void {
    const object = { library: file.library, name: file.name, type: '*FILE' };
    if (!this.partition.isAuthorized(this.job.currentUser, object, authority)) {
      throw notAuthorized(file.name, file.library);
    }
  }

  tableFunction(library: string | null, name: string): VirtualRelation | null {
    for (const place of library === null ? SYSTEM_LIBRARIES : [library]) {
      const relation = this.relations.get(`${place}.${name}`);
      if (relation?.parameters) return relation;
    }
    return null;
  }
}
