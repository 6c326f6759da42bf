/** What a journal's attributes and receivers mean for capture, each with the command that mends it. */

import { counted } from '../model/counted';
import { formatName } from '../model/position';
import { type Finding, finding } from './finding';
import type { JournalFacts, ReceiverFacts } from './journals';

/** @param cacheWaitSeconds how long cached entries stay invisible */
export function journalFindings(journal: JournalFacts, cacheWaitSeconds: number): Finding[] {
  const name = formatName(journal.name);
  const found: Finding[] = [];
  const add = (level: Finding['level'], text: string, fix: string | null = null): void => {
    found.push(finding(level, 'journal', name, text, fix));
  };
  if (journal.minimized !== '*NONE')
    add(
      'error',
      `MINENTDTA(${journal.minimized}): update images are minimized and cannot be decoded whole`,
      `CHGJRN JRN(${name}) JRNRCV(*GEN) MINENTDTA(*NONE)`,
    );
  if (journal.state !== '' && !/ACTIVE/i.test(journal.state))
    add(
      'error',
      `the journal's state is ${journal.state}: no entry is written`,
      `CHGJRN JRN(${name}) JRNSTATE(*ACTIVE)`,
    );
  if (journal.deletesReceivers)
    add(
      'warning',
      'DLTRCV(*YES): the system deletes detached receivers whether or not they were read; a stop longer than the retention loses entries',
      `CHGJRN JRN(${name}) DLTRCV(*NO)`,
    );
  if (!journal.systemManaged)
    add(
      'warning',
      'MNGRCV(*USER): somebody has to change receivers before they are full',
      `CHGJRN JRN(${name}) MNGRCV(*SYSTEM)`,
    );
  if (journal.cached)
    add(
      'warning',
      `JRNCACHE(*YES): entries become visible up to ${cacheWaitSeconds} s after they were written; events come that much later`,
      `CHGJRN JRN(${name}) JRNRCV(*GEN) JRNCACHE(*NO)`,
    );
  if (!journal.receiverMaximum.includes('MAXOPT3'))
    add(
      'warning',
      'without *MAXOPT3 sequence numbers restart at 1 at every IPL; that is followed, but positions are harder to read',
      `CHGJRN JRN(${name}) JRNRCV(*GEN) RCVSIZOPT(*SYSDFT *MAXOPT3)`,
    );
  if (/REMOTE/i.test(journal.type))
    add('warning', 'a remote journal: layouts are read from the system that owns the files', null);
  if (!journal.recordsUser)
    add(
      'warning',
      'user profiles are not recorded: `user` in events is empty and ignore-by-user never matches',
      `CHGJRN JRN(${name}) JRNRCV(*GEN) FIXLENDTA(*JOB *USR *PGM)`,
    );
  if (found.length === 0) add('ok', 'attributes suit capture');
  return found;
}

export function receiverFindings(journal: JournalFacts, receivers: readonly ReceiverFacts[]): Finding[] {
  const name = formatName(journal.name);
  if (receivers.length === 0)
    return [
      finding(
        'error',
        'receiver',
        name,
        'no receiver is visible to this profile; missing authority shows as absence',
        journal.attached
          ? `GRTOBJAUT OBJ(${journal.attached.library}/*ALL) OBJTYPE(*JRNRCV) USER(<profile>) AUT(*USE)`
          : `GRTOBJAUT OBJ(${name}) OBJTYPE(*JRN) USER(<profile>) AUT(*USE *OBJEXIST)`,
      ),
    ];
  const found: Finding[] = [];
  for (const r of receivers) {
    const at = formatName(r.name);
    if (r.status === 'FREED')
      found.push(
        finding(
          'warning',
          'receiver',
          at,
          'FREED: listed, but its entries cannot be read',
          `RSTOBJ OBJ(${r.name.name}) SAVLIB(${r.name.library}) OBJTYPE(*JRNRCV) DEV(...)`,
        ),
      );
    if (r.status === 'PARTIAL')
      found.push(finding('warning', 'receiver', at, `PARTIAL: it holds entries ${r.first} to ${r.last} only`, null));
  }
  const attached = receivers.find((r) => r.status === 'ATTACHED');
  if (!attached)
    found.push(finding('error', 'receiver', name, 'no attached receiver is visible', `WRKJRNA JRN(${name})`));
  if (found.every((f) => f.level !== 'error'))
    found.push(
      finding(
        'ok',
        'receiver',
        name,
        `${counted(receivers.length, 'receiver')}, oldest attached ${receivers[0]!.attached.slice(0, 19)}`,
      ),
    );
  return found;
}
