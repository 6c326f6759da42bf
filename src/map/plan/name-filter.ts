/** Ignore lists over user, job and program of the journal entry header; `*` stands for any characters. */
interface Doer {
  readonly user: string;
  readonly job: string;
  readonly program: string;
}

/** Answers which list matches, or null. */
export type DoerFilter = (doer: Doer) => 'users' | 'jobs' | 'programs' | null;

export function compileDoerFilter(lists: {
  readonly users: readonly string[];
  readonly jobs: readonly string[];
  readonly programs: readonly string[];
}): DoerFilter | null {
  const users = matcher(lists.users);
  const jobs = matcher(lists.jobs);
  const programs = matcher(lists.programs);
  if (!users && !jobs && !programs) return null;
  return (doer) => {
    if (users?.(doer.user)) return 'users';
    // a job is written number/user/name; a list may name it whole or by its name alone
    if (jobs && (jobs(doer.job) || jobs(doer.job.slice(doer.job.lastIndexOf('/') + 1)))) return 'jobs';
    if (programs && (programs(doer.program) || programs(doer.program.slice(doer.program.lastIndexOf('/') + 1)))) {
      return 'programs';
    }
    return null;
  };
}

function matcher(patterns: readonly string[]): ((name: string) => boolean) | null {
  if (patterns.length === 0) return null;
  const exact = new Set(patterns.filter((p) => !p.includes('*')).map((p) => p.toUpperCase()));
  const wild = patterns.filter((p) => p.includes('*')).map(wildcard);
  return (name) => {
    const upper = name.trim().toUpperCase();
    return exact.has(upper) || wild.some((w) => w(upper));
  };
}

/** Linear: head, tail, and the parts between them found left to right. */
function wildcard(pattern: string): (name: string) => boolean {
  const parts = pattern.toUpperCase().split('*');
  const head = parts[0]!;
  const tail = parts.at(-1)!;
  const middle = parts.slice(1, -1);
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    let at = head.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > name.length - tail.length) return false;
      at = found + part.length;
    }
    return true;
  };
}
