/**
 * SQL packages: created, cleared, deleted, shown. None ever holds a statement: a server may leave one out, and the client
 * prepares it again.
 */
import { createPackage } from '../../../../hostserver/messages/database/package';
import { textOf } from '../../../../hostserver/wire-text';
import { type SqlEngine, SqlFailure } from '../../../sql-session';
import type { DatabaseJob } from '../database-job';
import { failed } from '../replies/sql-result';
import { DONE, type Request, type RequestAnswer, sqlAnswer } from './request';

/** Of each partition, as `LIBRARY/NAME`. */
const PACKAGES = new WeakMap<SqlEngine, Set<string>>();

/** Bytes of a package without statements: total length, CCSID, default collection, statement count, reserved. */
const EMPTY_BYTES = 42;
/** Statement text in a package is UTF-16. */
const PACKAGE_CCSID = 13488;

function packages(job: DatabaseJob): Set<string> {
  const known = PACKAGES.get(job.context.engine) ?? new Set();
  PACKAGES.set(job.context.engine, known);
  return known;
}

function nameOf(
  job: DatabaseJob,
  request: Request,
): { readonly library: string; readonly name: string; readonly key: string } {
  // the four requests have the same parameters
  const { packageLibrary, packageName } = createPackage.decode(request.frame).parameters;
  const text = (value: typeof packageName): string => (value ? textOf(value, job.settings.jobCcsid).trim() : '');
  const [library, name] = [text(packageLibrary), text(packageName)];
  return { library, name, key: `${library}/${name}` };
}

export function create(job: DatabaseJob, request: Request): RequestAnswer {
  const { library, name, key } = nameOf(job, request);
  const known = packages(job);
  if (known.has(key))
    return sqlAnswer(
      failed(new SqlFailure(-601, '42710', `${name} in ${library} type *SQLPKG already exists.`, [name, library])),
    );
  known.add(key);
  return DONE;
}

export function clear(job: DatabaseJob, request: Request): RequestAnswer {
  const { library, name, key } = nameOf(job, request);
  return packages(job).has(key) ? DONE : missing(library, name);
}

export function remove(job: DatabaseJob, request: Request): RequestAnswer {
  const { library, name, key } = nameOf(job, request);
  return packages(job).delete(key) ? DONE : missing(library, name);
}

export function show(job: DatabaseJob, request: Request): RequestAnswer {
  const { library, name, key } = nameOf(job, request);
  if (!packages(job).has(key)) return missing(library, name);
  const information = Buffer.alloc(EMPTY_BYTES);
  information.writeUInt32BE(EMPTY_BYTES, 0);
  information.writeUInt16BE(PACKAGE_CCSID, 4);
  // blanks of the job's CCSID: no default collection
  information.fill(0x40, 6, 24);
  return { ...DONE, parts: { packageInformation: information } };
}

function missing(library: string, name: string): RequestAnswer {
  return sqlAnswer(
    failed(new SqlFailure(-204, '42704', `${name} in ${library} type *SQLPKG not found.`, [name, library])),
  );
}
