/** What the delivery log keeps of a reply: enough to ask the receiver's people, nothing that opens its door. */
import { withoutSecrets } from '../credentials';
import { contentOf, textOf } from './content';
import type { Reply } from './reply';

const LOGGED_BODY = 2_048;
const LOGGED_HEAD = 1_024;
/** What a coded reply may become before it is not looked at any more. */
const MOST_DECODED = 65_536;
const UNSHOWN = ['connection', 'content-length', 'date', 'keep-alive', 'set-cookie', 'transfer-encoding'];

interface KeptOfReply {
  /** False where the body may repeat a payload that must not rest on this disk. */
  readonly keepBody: boolean;
  /** Receivers echo what they were sent: texts to mask, longest first. */
  readonly secrets: readonly string[];
}

/** Headers, an empty line and the first bytes of the body; null when there is neither. */
export function loggedReply(reply: Reply, { keepBody, secrets }: KeptOfReply): string | null {
  // masked before it is cut, so that no half of a secret is left at the end
  const lines = reply.headerLines(UNSHOWN);
  const head = lines === '' ? '' : withoutSecrets(lines, secrets).slice(0, LOGGED_HEAD);
  const body = keepBody && reply.body.length > 0 ? withoutSecrets(shownBody(reply), secrets).slice(0, LOGGED_BODY) : '';
  const text = head === '' || body === '' ? head + body : `${head}\n\n${body}`;
  return text === '' ? null : text;
}

/** All of it but cookies, which are credentials. @param limit bytes it may become when it is decoded */
export function wholeReply(
  reply: Reply,
  { keepBody, secrets }: KeptOfReply,
  limit: number,
): { readonly text: string; readonly cut: boolean } {
  const head = `${reply.status}\n${reply.headerLines(COOKIES)}`;
  const content = contentOf(reply, limit);
  const body = !keepBody ? '' : content.ok ? textOf(content.value) : `(${content.problem})`;
  return { text: withoutSecrets(`${head}\n\n${body}`, secrets), cut: reply.ending !== 'whole' };
}

const COOKIES = ['set-cookie'];

function shownBody(reply: Reply): string {
  const content = contentOf(reply, MOST_DECODED);
  return content.ok ? textOf(content.value.subarray(0, 2 * LOGGED_BODY)) : `(${content.problem})`;
}
