/** What a journal's attributes and receivers mean for capture, each with the command that mends it. */

import type { CheckCode } from '../errors/codes/findings';
import { counted } from '../model/counted';
import { formatName } from '../model/position';
import { type CheckFinding, finding, passed } from './finding';
import type { JournalFacts, ReceiverFacts } from './journals';

/** @param cacheWaitSeconds how long cached entries stay invisible */
export function journalFindings(journal: JournalFacts, cacheWaitSeconds: number): CheckFinding[] {
  const name = formatName(journal.name);
  const found: CheckFinding[] = [];
  const add = (code: CheckCode, text: string, fix: string | null = null): void => {
    found.push(finding(code, name, text, fix));
  };
  if (journal.minimized !== '*NONE')
    add(
      'CHECK_JOURNAL_MINIMIZED',
      `MINENTDTA(${journal.minimized}): update images are minimized and cannot be decoded whole`,
      `CHGJRN JRN(${name}) JRNRCV(*GEN) MINENTDTA(*NONE)`,
    );
  if (journal.state !== '' && !/ACTIVE/i.test(journal.state))
    add(
      'CHECK_JOURNAL_STATE',
      `the journal's state is ${journal.state}: no entry is written`,
      `CHGJRN JRN(${name}) JRNSTATE(*ACTIVE)`,
    );
  if (journal.deletesReceivers)
    add(
      'CHECK_JOURNAL_DELETES',
      'DLTRCV(*YES): the system deletes detached receivers whether or not they were read; a stop longer than the retention loses entries',
      `CHGJRN JRN(${name}) DLTRCV(*NO)`,
    );
  if (!journal.systemManaged)
    add(
      'CHECK_JOURNAL_MANAGED',
      'MNGRCV(*USER): receivers must be changed by a job or an operator before they are full',
      `CHGJRN JRN(${name}) MNGRCV(*SYSTEM)`,
    );
  if (journal.cached)
    add(
      'CHECK_JOURNAL_CACHED',
      `JRNCACHE(*YES): entries become visible up to ${cacheWaitSeconds} s after they were written; events come that much later`,
      `CHGJRN JRN(${name}) JRNRCV(*GEN) JRNCACHE(*NO)`,
    );
  if (!journal.receiverMaximum.includes('MAXOPT3'))
    add(
      'CHECK_JOURNAL_SEQUENCE',
      'without *MAXOPT3 sequence numbers restart at 1 at every IPL; that is followed, but positions are harder to read',
      `CHGJRN JRN(${name}) JRNRCV(*GEN) RCVSIZOPT(*SYSDFT *MAXOPT3)`,
    );
  if (/REMOTE/i.test(journal.type))
    add('CHECK_JOURNAL_REMOTE', 'a remote journal: layouts are read from the system that owns the files');
  if (!journal.recordsUser)
    add(
      'CHECK_JOURNAL_USER',
      'user profiles are not recorded: `user` in events is empty and ignore-by-user never matches',
      `CHGJRN JRN(${name}) JRNRCV(*GEN) FIXLENDTA(*JOB *USR *PGM)`,
    );
  return found.length > 0 ? found : [passed('journal', name, 'attributes suit capture')];
}

export function receiverFindings(journal: JournalFacts, receivers: readonly ReceiverFacts[]): CheckFinding[] {
  const name = formatName(journal.name);
  if (receivers.length === 0)
    return [
      finding(
        'CHECK_RECEIVERS_INVISIBLE',
        name,
        'no receiver is visible to this profile; missing authority shows as absence',
        journal.attached
          ? `GRTOBJAUT OBJ(${journal.attached.library}/*ALL) OBJTYPE(*JRNRCV) USER(<profile>) AUT(*USE)`
          : `GRTOBJAUT OBJ(${name}) OBJTYPE(*JRN) USER(<profile>) AUT(*USE *OBJEXIST)`,
      ),
    ];
  const found: CheckFinding[] = [];
  for (const r of receivers) {
    const at = formatName(r.name);
    if (r.status === 'FREED')
      found.push(
        finding(
          'CHECK_RECEIVER_FREED',
          at,
          'FREED: listed, but its entries cannot be read',
          `RSTOBJ OBJ(${r.name.name}) SAVLIB(${r.name.library}) OBJTYPE(*JRNRCV) DEV(...)`,
        ),
      );
    if (r.status === 'PARTIAL')
      found.push(finding('CHECK_RECEIVER_PARTIAL', at, `PARTIAL: it holds entries ${r.first} to ${r.last} only`));
  }
  const attached = receivers.find((r) => r.status === 'ATTACHED');
  if (!attached)
    found.push(finding('CHECK_RECEIVER_DETACHED', name, 'no attached receiver is visible', `WRKJRNA JRN(${name})`));
  if (found.every((f) => f.level !== 'error'))
    found.push(
      passed(
        'receiver',
        name,
        `${counted(receivers.length, 'receiver')}, oldest attached ${receivers[0]!.attached.slice(0, 19)}`,
      ),
    );
  return found;
}
