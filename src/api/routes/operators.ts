/** Who may ask and what was done: tokens, the console's session, and the operators' log. */
import { z } from 'zod';
import { recorded } from '../../operate/acting/acting';
import { createToken, listTokens, revokeToken } from '../../operate/acting/tokens';
import { ROLES } from '../../operators/role';
import { cursorOf, numberIn } from '../pages';
import { route } from '../route';
import { instant, page, text } from '../schemas/input';
import * as deeds from '../schemas/operators';
import * as parts from '../schemas/parts';

export const auditLog = route({
  method: 'GET',
  path: '/v1/audit-log',
  id: 'listActions',
  tag: 'Operators',
  summary: "The operators' log, newest first: who did what, when, to what, with what result",
  role: 'viewer',
  query: z.strictObject({
    who: text('An OS user, or the name of a token.', 200).optional(),
    what: text('An action such as dead-letters.retry, or the part before its dot.', 200).optional(),
    since: instant('Begun at or after.').optional(),
    until: instant('Begun before.').optional(),
    ...page(500, 100),
  }),
  answer: parts.list(deeds.loggedAction),
  errors: ['API_CURSOR'],
  handle: ({ desk, query }) => {
    const { limit, after, ...filter } = query;
    const items = desk.state.operators.list(filter, 'newest', numberIn(after) ?? null, limit);
    return { items, next: cursorOf(items.length === limit ? items.at(-1)!.no : null) };
  },
});

export const tokens = route({
  method: 'GET',
  path: '/v1/tokens',
  id: 'listTokens',
  tag: 'Operators',
  summary: 'Names, roles and times of tokens, never the tokens',
  role: 'admin',
  answer: z.object({ items: z.array(deeds.token) }),
  handle: ({ desk }) => ({ items: listTokens(desk.state) }),
});

export const newToken = route({
  method: 'POST',
  path: '/v1/tokens',
  id: 'createToken',
  tag: 'Operators',
  summary: 'Make a token; it is shown here and never again',
  role: 'admin',
  body: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.@-]{0,59}$/, { error: 'expected up to 60 letters, digits, ".", "_", "@" and "-"' })
      .describe("Stands in the operators' log."),
    role: z.enum(ROLES).describe('What it allows.'),
    days: z.number().int().min(1).max(9_999).optional().describe('Until it ends; without end if left out.'),
  }),
  answer: deeds.newToken,
  status: 201,
  errors: ['TOKEN_EXISTS'],
  handle: ({ desk, caller, body }) =>
    recorded(desk.state, caller, { what: 'token.create', scope: body }, () =>
      createToken(desk.state, body, Date.now()),
    ),
});

export const endToken = route({
  method: 'DELETE',
  path: '/v1/tokens/{name}',
  id: 'revokeToken',
  tag: 'Operators',
  summary: 'End a token at once',
  role: 'admin',
  answer: z.object({ revoked: z.string() }),
  errors: ['TOKEN_UNKNOWN'],
  handle: ({ desk, caller, params }) => {
    const name = params['name']!;
    return recorded(desk.state, caller, { what: 'token.revoke', scope: { name } }, () => revokeToken(desk.state, name));
  },
});

export const session = route({
  method: 'GET',
  path: '/v1/session',
  id: 'getSession',
  tag: 'Operators',
  summary: 'Who the caller is',
  role: 'viewer',
  answer: deeds.session,
  handle: ({ caller }) => ({ name: caller.who, role: caller.role, via: caller.via }),
});
