/** Event type of a change: entity and action. */
import type { ChangeOp } from '../../model/change';
import type { EventNaming } from '../options';

export interface TypeChoice {
  readonly entity: string;
  readonly type: string;
}

const ACTION: Readonly<Record<ChangeOp, string>> = {
  insert: 'created',
  update: 'updated',
  delete: 'deleted',
  read: 'read',
};

/** @param discriminator text of the discriminator column, trimmed; null if the rule has none or the value is null */
export function eventType(naming: EventNaming, op: ChangeOp, discriminator: string | null): TypeChoice | null {
  if (naming.is === 'discriminator') {
    const known = discriminator !== null && Object.hasOwn(naming.types, discriminator);
    const entity = known ? naming.types[discriminator]! : naming.otherwise;
    return entity === null ? null : { entity, type: `${entity}.${ACTION[op]}` };
  }
  const type = { insert: naming.created, update: naming.updated, delete: naming.deleted, read: naming.read }[op];
  return { entity: naming.entity, type };
}

/** Every type a naming can yield for these operations, in order. */
export function possibleTypes(naming: EventNaming, ops: readonly ChangeOp[]): TypeChoice[] {
  if (naming.is === 'entity') return ops.map((op) => eventType(naming, op, null)!);
  const entities = [
    ...new Set([...Object.values(naming.types), ...(naming.otherwise === null ? [] : [naming.otherwise])]),
  ];
  return entities.flatMap((entity) => ops.map((op) => ({ entity, type: `${entity}.${ACTION[op]}` })));
}
