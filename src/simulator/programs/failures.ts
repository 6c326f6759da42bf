/** Escape messages that more than one program sends. */
import { CpfFailure } from '../partition/failures';

export function formatNotValid(format: string): CpfFailure {
  return new CpfFailure('CPF3C21', `Format name ${format} is not valid.`, '', format.padEnd(8));
}
