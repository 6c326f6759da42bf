/** A route of the API: what it takes and gives as schemas, of which both the checks and the OpenAPI document are made. */
import type { z } from 'zod';
import type { ErrorCode } from '../errors/codes';
import type { Actor } from '../operators/operator-log';
import type { Role } from '../operators/role';
import type { Desk } from './desk';

/** Whoever a request comes from. */
export interface Caller extends Actor {
  readonly role: Role;
}

export interface ApiCall<Q, B> {
  readonly desk: Desk;
  readonly caller: Caller;
  /** Parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** Aborted when the daemon stops; for reading routes also when the client has gone. */
  readonly signal: AbortSignal;
}

interface RouteSpec<Q extends z.ZodObject, B extends z.ZodObject> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts in braces are parameters: `/v1/tables/{library}/{file}`. */
  readonly path: string;
  /** Name of the operation for generated clients. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  /** What the caller must be allowed at least. */
  readonly role: Role;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: z.ZodType;
  readonly status?: 200 | 201 | 202;
  /** Codes of its own, beside those that any request may meet. */
  readonly errors?: readonly ErrorCode[];
  handle(call: ApiCall<z.output<Q>, z.output<B>>): unknown;
}

/** A route with its types put away. */
export interface Route extends Omit<RouteSpec<z.ZodObject, z.ZodObject>, 'handle'> {
  handle(call: ApiCall<never, never>): unknown;
}

export function route<Q extends z.ZodObject = z.ZodObject, B extends z.ZodObject = z.ZodObject>(
  spec: RouteSpec<Q, B>,
): Route {
  return spec as unknown as Route;
}
