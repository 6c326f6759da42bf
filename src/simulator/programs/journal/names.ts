/** Qualified names in parameters: name(10) library(10), special libraries searched as CL does. */
import { journalOf, receiverOf } from '../../partition/cl/lookup';
import type { Journal } from '../../partition/journal/journal';
import type { Receiver } from '../../partition/journal/receiver';
import type { Partition } from '../../partition/partition';
import type { ParameterList } from '../program';

function qualified(parameters: ParameterList, index: number): { library: string; name: string } {
  return { name: parameters.text(index, 0, 10), library: parameters.text(index, 10, 20) || '*LIBL' };
}

/** @throws CpfFailure CPF9801, CPF9810 */
export function qualifiedJournal(partition: Partition, parameters: ParameterList, index: number): Journal {
  return journalOf(partition, qualified(parameters, index));
}

/** @throws CpfFailure CPF9801, CPF9810 */
export function qualifiedReceiver(partition: Partition, parameters: ParameterList, index: number): Receiver {
  return receiverOf(partition, qualified(parameters, index));
}
