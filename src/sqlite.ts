/**
 * Opens SQLite files through the driver that fits this Node. better-sqlite3 13 brings its compiled part along, one for every
 * Node from 22.14 on; an older Node dies of it with a segmentation fault. better-sqlite3 12 is compiled for one Node, and
 * ends Node 24 with a failed assertion when an open database is collected; npm installs it under a name of its own, for
 * Node 20 and for machines that 13 brings nothing for. So what would kill the process must not even be tried.
 */
import type Database from 'better-sqlite3';
import { CodedError } from './errors/coded-error';

type Driver = new (file: string, options?: Database.Options) => Database.Database;

/** Node-API version that the compiled part of better-sqlite3 13 and later asks for. */
const NODE_API_OF_13 = 10;
const DRIVERS = ['better-sqlite3', 'better-sqlite3-12'] as const;

let found: Driver | null = null;

/**
 * As `new Database(file, options)` of better-sqlite3.
 * @throws CodedError `SQLITE_DRIVER`; SqliteError for a file that cannot be opened
 */
export function openSqlite(file: string, options?: Database.Options): Database.Database {
  found ??= load();
  return new found(file, options);
}

/** The first that loads, its native part too: that is only looked for when a file is opened. */
function load(): Driver {
  const faults: string[] = [];
  for (const name of DRIVERS) {
    try {
      refuseDeadly(name);
      const driver = require(name) as Driver;
      new driver(':memory:').close();
      return driver;
    } catch (error) {
      faults.push(`${name}: ${String((error as Error).message).split('\n')[0]}`);
    }
  }
  throw new CodedError({
    code: 'SQLITE_DRIVER',
    message: `no SQLite driver fits Node ${process.version} on ${process.platform} ${process.arch}: ${faults.join('; ')}`,
    next: 'use Node 22.14 or later; or `npm install better-sqlite3-12@npm:better-sqlite3@12`, which needs a C++ compiler where no compiled one can be fetched',
  });
}

/** By the version that is installed: whoever updates by hand may have another one under the name. */
function refuseDeadly(name: string): void {
  const { version } = require(`${name}/package.json`) as { version: string };
  const { napi, node } = process.versions;
  if (Number.parseInt(version, 10) >= 13) {
    if (Number(napi) < NODE_API_OF_13) throw new Error(`${version} needs Node 22.14`);
  } else if (node.startsWith('24.')) throw new Error(`${version} ends the process under Node 24`);
}
