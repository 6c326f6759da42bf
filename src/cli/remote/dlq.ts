/** `dlq --api`: dead letters of a daemon on another machine. */

import { EXIT } from '../../errors/coded-error';
import { exactText } from '../../model/exact-json';
import type { Changed, Letter, LetterWish } from '../../operate/dlq/dlq';
import { changedText, LETTERS_HEAD, letterText } from '../../operate/dlq/dlq-text';
import type { CliIo, GlobalOptions } from '../io';
import { print } from '../print';
import { ApiClient, type RemoteOptions, saidFilter } from './client';

type Options = GlobalOptions & LetterWish & RemoteOptions & { readonly api: string };

/** Letters of one request. */
const PAGE = 500;

export async function remoteList(io: CliIo, options: Options, most: number): Promise<void> {
  const client = ApiClient.of(io, options);
  const { destination, reason } = options;
  const wanted = options.letter && new Set(options.letter);
  let shown = 0;
  for (let after: string | undefined; shown < most; ) {
    const query = { ...saidFilter(options), destination, reason, after, limit: PAGE };
    const page = await client.get<{ items: Letter[]; next: string | null }>('/v1/dead-letters', query);
    for (const letter of page.items) {
      if (shown === most || (wanted && !wanted.has(letter.no))) continue;
      if (shown++ === 0 && !options.json) io.stdout.write(LETTERS_HEAD);
      print(io, options, letter, letterText);
    }
    if (page.next === null) break;
    after = page.next;
  }
  if (shown === 0 && !options.json) io.stdout.write('no dead letters\n');
}

export async function remoteShow(io: CliIo, no: number, options: Options): Promise<void> {
  const whole = await ApiClient.of(io, options).get<object>(`/v1/dead-letters/${no}`);
  print(io, options, whole, (letter) => `${exactText(letter, 2)}\n`);
}

export async function remoteChange(io: CliIo, what: 'retry' | 'drop', options: Options): Promise<void> {
  const { destination, reason, letter, all } = options;
  const wish = { ...saidFilter(options), destination, reason, letter, all };
  const { dryRun: _dryRun, ...done } = await ApiClient.of(io, options).post<Changed & { dryRun: boolean }>(
    `/v1/dead-letters/${what}`,
    wish,
  );
  print<Changed>(io, options, done, changedText);
  if (Object.values(done)[0] === 0) io.exit(EXIT.findings);
}
