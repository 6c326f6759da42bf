/** What comes after a receiver that was read to its end. */
import type { ReceiverFacts } from '../../catalog/journals';
import { formatName, type QualifiedName } from '../../model/position';
import type { ReceiverWatch } from './receiver-watch';

type AfterReceiver =
  /** `now`: at once, as there may be more; else after the usual pause. */
  | { readonly is: 'look again'; readonly now: boolean }
  | { readonly is: 'enter'; readonly receiver: ReceiverFacts; readonly from: ReceiverFacts }
  /** The next receiver was deleted: whether its first position is lost has to be judged. */
  | { readonly is: 'judge'; readonly receiver: QualifiedName }
  | { readonly is: 'lost'; readonly why: string };

/** @throws SqlError */
export async function afterReceiver(watch: ReceiverWatch, name: QualifiedName): Promise<AfterReceiver> {
  let receiver = watch.chain.get(name);
  if (receiver?.status === 'ATTACHED' && watch.current) return { is: 'look again', now: false };
  if (!watch.current || !receiver) {
    const wasDetached = receiver !== null && receiver.status !== 'ATTACHED';
    await watch.load();
    receiver = watch.chain.get(name);
    // Entries may have been written between our look and its detachment: one more look, now that its end is final.
    if (!wasDetached) return { is: 'look again', now: receiver?.status !== 'ATTACHED' };
  }
  return receiver ? linkedTo(watch, receiver) : { is: 'look again', now: true };
}

function linkedTo(watch: ReceiverWatch, receiver: ReceiverFacts): AfterReceiver {
  const crossing = watch.chain.after(receiver);
  switch (crossing.is) {
    case 'attached':
      return { is: 'look again', now: false };
    case 'next':
      return { is: 'enter', receiver: crossing.receiver, from: receiver };
    case 'broken':
      return {
        is: 'lost',
        why: `the chain breaks after receiver ${formatName(receiver.name)}: ${formatName(crossing.after.name)} is not linked to it`,
      };
    case 'incomplete': {
      const { name, first } = crossing.next;
      const missing = `${receiver.last + 1n} to ${first - 1n}`;
      return {
        is: 'lost',
        why: `entries ${missing} are neither in ${formatName(receiver.name)} nor in ${formatName(name)}`,
      };
    }
    case 'gone':
      if (crossing.why === 'deleted' && crossing.next) return { is: 'judge', receiver: crossing.next };
      return {
        is: 'lost',
        why: `the next receiver ${crossing.next ? formatName(crossing.next) : ''} is ${crossing.why}`,
      };
  }
}

/** True for a receiver that holds nothing yet, or nothing visible: it has no range to ask for. */
export function isEmpty(receiver: ReceiverFacts, failure: 'bad range' | 'maybe lost'): boolean {
  if (receiver.status === 'ATTACHED' && failure !== 'maybe lost') return true;
  return receiver.last === 0n || receiver.first > receiver.last || receiver.entries === 0n;
}
