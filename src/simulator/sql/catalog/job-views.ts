/** QSYS2.ACTIVE_JOB_INFO: the server jobs of the partition, with what their work costs by its model. */
import type { JobView } from '../../partition/contract';
import type { RowContext } from '../compile/virtual';
import { type NamedRow, parametersOf, relation } from './relation';

const COLUMNS = `ORDINAL_POSITION INTEGER, JOB_NAME VARCHAR(28), JOB_NAME_SHORT VARCHAR(10), JOB_USER VARCHAR(10), JOB_NUMBER VARCHAR(6),
   SUBSYSTEM VARCHAR(10), SUBSYSTEM_LIBRARY_NAME VARCHAR(10), AUTHORIZATION_NAME VARCHAR(10), JOB_TYPE VARCHAR(3), FUNCTION VARCHAR(10),
   JOB_STATUS VARCHAR(4), CPU_TIME DECIMAL(20,0), TOTAL_DISK_IO_COUNT DECIMAL(20,0), ELAPSED_CPU_TIME DECIMAL(20,0),
   ELAPSED_TOTAL_DISK_IO_COUNT DECIMAL(20,0), TEMPORARY_STORAGE INTEGER`;

const PARAMETERS = parametersOf(
  'RESET_STATISTICS VARCHAR(3), SUBSYSTEM_LIST_FILTER VARCHAR(275), JOB_NAME_FILTER VARCHAR(28), CURRENT_USER_LIST_FILTER VARCHAR(109), DETAILED_INFO VARCHAR(4)',
  {
    RESET_STATISTICS: 'NO',
    SUBSYSTEM_LIST_FILTER: null,
    JOB_NAME_FILTER: '*ALL',
    CURRENT_USER_LIST_FILTER: null,
    DETAILED_INFO: 'NONE',
  },
);
const JOB_NAME_FILTER = 2;
const USER_FILTER = 3;

export const ACTIVE_JOB_INFO = relation('QSYS2', 'ACTIVE_JOB_INFO', COLUMNS, rows, { parameters: PARAMETERS });

function rows({ partition, job, args }: RowContext): NamedRow[] {
  const name = String(args[JOB_NAME_FILTER] ?? '*ALL').trim();
  const users = String(args[USER_FILTER] ?? '')
    .split(/[\s,]+/)
    .filter((user) => user !== '');
  return partition
    .activeJobs()
    .filter((j) => (name === '*' ? j === job : named(j, name)) && (users.length === 0 || users.includes(j.currentUser)))
    .map((j, i) => row(j, i + 1, j === job));
}

/** `*ALL`, a job name, or one that ends in `*`. */
function named({ identity }: JobView, name: string): boolean {
  if (name === '*ALL') return true;
  return name.endsWith('*') ? identity.name.startsWith(name.slice(0, -1)) : identity.name === name;
}

function row({ identity, currentUser, load }: JobView, position: number, own: boolean): NamedRow {
  const { number, user, name } = identity;
  return {
    ORDINAL_POSITION: position,
    JOB_NAME: `${number}/${user}/${name}`,
    JOB_NAME_SHORT: name,
    JOB_USER: user,
    JOB_NUMBER: number,
    SUBSYSTEM: 'QUSRWRK',
    SUBSYSTEM_LIBRARY_NAME: 'QSYS',
    AUTHORIZATION_NAME: currentUser,
    JOB_TYPE: 'PJ',
    JOB_STATUS: own ? 'RUN' : 'TIMW',
    CPU_TIME: load.cpuMs,
    TOTAL_DISK_IO_COUNT: load.diskReads,
    ELAPSED_CPU_TIME: load.cpuMs,
    ELAPSED_TOTAL_DISK_IO_COUNT: load.diskReads,
    TEMPORARY_STORAGE: 8,
  };
}
