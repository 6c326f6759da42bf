/** `trace --api`: the same lines as beside the daemon. */
import { CodedError, EXIT, exitCodeOf } from '../../errors/coded-error';
import type { ErrorCode } from '../../errors/codes';
import type { EventLife } from '../../operate/trace/event-life';
import { lifeText } from '../../operate/trace/event-life';
import { askAgainText, fateText, ledgerText, notAskedText } from '../../operate/trace/fate-text';
import type { KeyTrace } from '../../operate/trace/key-trace';
import { traceLines, traceText } from '../../operate/trace/story-text';
import { type FateOfEntries, isPublished, type LedgerView, type TraceWish } from '../../operate/trace/trace';
import type { CliIo, GlobalOptions } from '../io';
import { print } from '../print';
import { ApiClient, type RemoteOptions, saidFilter } from './client';

interface TraceAnswer {
  readonly lives: readonly EventLife[];
  readonly fates: readonly FateOfEntries[];
  readonly searched: {
    readonly key: string;
    readonly span: string;
    readonly depth: string;
    readonly limit: number;
  } | null;
  readonly found: KeyTrace | null;
  readonly notAsked: { readonly code: ErrorCode; readonly message: string; readonly next: string | null } | null;
  readonly ledger: readonly (Omit<LedgerView, 'depth'> & { readonly depth: string })[];
}

type Options = GlobalOptions & TraceWish & RemoteOptions & { readonly api: string };

export async function remoteTrace(io: CliIo, options: Options): Promise<void> {
  const { limit, depth, offline } = options;
  const answer = await ApiClient.of(io, options).get<TraceAnswer>('/v1/trace', {
    ...saidFilter(options),
    limit,
    depth,
    offline: offline || undefined,
  });
  for (const life of answer.lives) print(io, options, life, lifeText);
  if (answer.searched !== null) {
    printKey(io, options, answer, answer.searched);
    return;
  }
  const fates = answer.fates.filter((fate) => answer.lives.length === 0 || !isPublished(fate));
  for (const fate of fates) print(io, options, fate, fateText);
  if (answer.lives.length === 0 && fates.length === 0) nothing(io);
}

function printKey(io: CliIo, options: Options, answer: TraceAnswer, { key, span, depth, limit }: Searched): void {
  const { found, lives } = answer;
  if (found === null) {
    printLedger(io, options, answer, key);
    return;
  }
  const wished = { key, span, depth: BigInt(depth), limit };
  io.stdout.write(options.json ? traceLines(found, key) : traceText(found, wished));
  const changes = found.journals.reduce((sum, j) => sum + j.stories.length, 0);
  if (lives.length + changes === 0) io.exit(EXIT.findings);
}

function printLedger(io: CliIo, options: Options, { notAsked, ledger, lives }: TraceAnswer, key: string): void {
  if (notAsked === null) return;
  const { code, message, next } = notAsked;
  const error = new CodedError({ code, message, ...(next === null ? {} : { next }) });
  io.stderr.write(notAskedText(key, error));
  for (const { depth, ...view } of ledger)
    print(io, options, { key, notAsked: code, ledger: view }, () => ledgerText({ ...view, depth: BigInt(depth) }));
  io.stderr.write(askAgainText(error));
  if (lives.length === 0) io.exit(exitCodeOf(error));
}

type Searched = NonNullable<TraceAnswer['searched']>;

function nothing(io: CliIo): void {
  io.stderr.write('no stored event matches; --key finds what became of changes of a key\n');
  io.exit(EXIT.findings);
}
