/** QjoDeletePointerHandle of QSYS/QJOURNAL: gives back what an entry with pointers in its data holds. */
import { CpfFailure } from '../../partition/failures';
import { type Program, withErrorCode } from '../program';

/** 0 pointer handle, 1 error code (omissible). */
export const deletePointerHandle: Program = ({ handles }, parameters) =>
  withErrorCode(parameters, 1, () => {
    const handle = parameters.number(0) >>> 0;
    if (!handles.release(handle)) throw new CpfFailure('CPF6949', `Pointer handle ${handle} not valid.`);
  });
