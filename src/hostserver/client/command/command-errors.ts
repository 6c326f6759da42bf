/** What the remote command server answers when it did not do what it was asked for (docs/protocol.md#11). */
import { textCodec } from '../../../bytes/ccsid/registry';
import { CodedError, HostMessageError, type JobMessage } from '../../../errors/coded-error';
import type { DetailedMessage, HostMessage } from '../../formats/message-text';
import { hex } from '../../message';
import { effectiveCcsid } from '../../wire-text';

/** Return codes, u16. */
export const COMMAND_CODE = {
  ok: 0x0000,
  limitedUser: 0x0100,
  attributesNotValid: 0x0101,
  versionNotValid: 0x0103,
  lastWarning: 0x0108,
  exitProgramFirst: 0x0300,
  exitProgramFailed: 0x0304,
  exitProgramDenied: 0x0305,
  commandFailed: 0x0400,
  programNotFound: 0x0500,
  programFailed: 0x0501,
} as const;

interface Refused {
  readonly template: { readonly returnCode: number };
  readonly parameters: {
    readonly messages?: readonly (HostMessage | null)[];
    readonly detailedMessages?: readonly (DetailedMessage | null)[];
  };
}

/** True for what JTOpen takes for a warning, too: the NLV is not installed, the user is limited. */
export function attributesAccepted(code: number): boolean {
  if (code === COMMAND_CODE.ok || code === COMMAND_CODE.limitedUser) return true;
  return code > COMMAND_CODE.versionNotValid && code <= COMMAND_CODE.lastWarning;
}

/** @param what the command, or program and procedure */
export function commandRefused(reply: Refused, what: string, user: string, jobCcsid: number): CodedError {
  const { returnCode } = reply.template;
  if (returnCode === COMMAND_CODE.exitProgramDenied || returnCode === COMMAND_CODE.exitProgramFailed)
    return exitProgram(user, returnCode);
  const messages = messageTexts(reply, jobCcsid);
  const byMessages =
    messages.length > 0 || returnCode === COMMAND_CODE.commandFailed || returnCode >= COMMAND_CODE.programNotFound;
  if (byMessages) return new HostMessageError(what, messages, { facts: { returnCode: hex(returnCode) } });
  return new CodedError({
    code: 'PROGRAM_REFUSED',
    message: `the remote command server refused ${what} with return code ${hex(returnCode)}`,
    next: 'look at the job log of QZRCSRVS (WRKACTJOB SBS(QUSRWRK))',
    facts: { returnCode: hex(returnCode) },
  });
}

function exitProgram(user: string, returnCode: number): CodedError {
  return new CodedError({
    code: 'EXIT_PROGRAM',
    message: `an exit program of the partition refused user ${user.toUpperCase()} the remote command server (${hex(returnCode)})`,
    next: 'ask the administrator to allow the remote command server for this user: WRKREGINF EXITPNT(QIBM_QZRC_RMT)',
    facts: { user: user.toUpperCase(), returnCode: hex(returnCode) },
  });
}

export function messageTexts({ parameters }: Pick<Refused, 'parameters'>, jobCcsid: number): JobMessage[] {
  const text = (bytes: Buffer, ccsid = jobCcsid): string => decoded(bytes, ccsid, jobCcsid);
  const plain = (parameters.messages ?? []).flatMap((m) =>
    m === null
      ? []
      : [
          {
            id: text(m.id),
            severity: m.severity,
            text: text(m.text, m.textCcsid),
            help: text(m.help, m.textCcsid),
          },
        ],
  );
  const detailed = (parameters.detailedMessages ?? []).flatMap((m) =>
    m === null
      ? []
      : [
          {
            id: text(m.id),
            severity: number(m.severity),
            text: text(m.text, number(m.textCcsid)),
            help: text(m.help, number(m.textCcsid)),
          },
        ],
  );
  return [...plain, ...detailed];
}

function number(bytes: Buffer): number {
  return bytes.length === 4 ? bytes.readUInt32BE(0) : 0;
}

/** A CCSID that is not known must not cost the message: the job's is tried then. */
function decoded(bytes: Buffer, ccsid: number, jobCcsid: number): string {
  const wanted = effectiveCcsid(ccsid, jobCcsid);
  try {
    return textCodec(wanted).decode(bytes).trim();
  } catch {
    return textCodec(jobCcsid).decode(bytes).trim();
  }
}
