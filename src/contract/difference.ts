/** Two contracts beside each other: what receivers will notice, and which promise is broken. */
import type { Contract, DestinationContract, RuleContract, TableContract } from './contract';

export interface ContractDifference {
  /** `breaking`: an id, a key or a lane of rows that receivers know already. */
  readonly level: 'breaking' | 'visible';
  /** `tables.ORDLIB/ORDHDR.key`. */
  readonly at: string;
  /** Null: it was not there. */
  readonly was: string | null;
  /** Null: it is gone. */
  readonly is: string | null;
  /** What it means to receivers. */
  readonly means: string;
}

/** Breaking ones first, otherwise in the order of the configuration. */
export function contractDifferences(was: Contract, is: Contract): ContractDifference[] {
  const found: ContractDifference[] = [];
  if (was.partition !== is.partition)
    found.push(
      breaking(
        'partition.name',
        was.partition,
        is.partition,
        'every event gets another id: receivers take repeats for new events',
      ),
    );
  for (const name of union(was.tables, is.tables))
    found.push(...tableDifferences(`tables.${name}`, was.tables[name], is.tables[name]));
  for (const name of union(was.destinations, is.destinations))
    found.push(...destinationDifferences(`destinations.${name}`, was.destinations[name], is.destinations[name]));
  return found.sort((a, b) => Number(b.level === 'breaking') - Number(a.level === 'breaking'));
}

function tableDifferences(
  at: string,
  was: TableContract | undefined,
  is: TableContract | undefined,
): ContractDifference[] {
  if (!is) return [visible(at, 'captured', null, 'its changes are sent no more')];
  if (!was) return [visible(at, null, 'captured', 'its changes are sent from now on')];
  const found: ContractDifference[] = [];
  if (was.key !== null && is.key !== null && was.key.join() !== is.key.join())
    found.push(
      breaking(
        `${at}.key`,
        keyWords(was.key),
        keyWords(is.key),
        'receivers know its rows by another key, and changes of a row no longer share a lane with earlier ones',
      ),
    );
  if (was.capture !== is.capture)
    found.push(visible(`${at}.capture`, was.capture, is.capture, 'op, before and meta of its events differ'));
  return [...found, ...ruleSetDifferences(at, was.rules, is.rules)];
}

function ruleSetDifferences(
  at: string,
  was: Readonly<Record<string, RuleContract>>,
  is: Readonly<Record<string, RuleContract>>,
): ContractDifference[] {
  const found: ContractDifference[] = [];
  const gone = Object.keys(was).filter((name) => !(name in is));
  const fresh = Object.keys(is).filter((name) => !(name in was));
  for (const name of gone) {
    const heir = fresh.find((other) => is[other]!.types.join() === was[name]!.types.join());
    if (heir === undefined) {
      found.push(visible(`${at}.rules.${name}`, was[name]!.types.join(', '), null, 'its events are sent no more'));
      continue;
    }
    fresh.splice(fresh.indexOf(heir), 1);
    found.push(
      breaking(
        `${at}.rules.${name}`,
        name,
        heir,
        'the name of a rule is part of the id of its events: receivers take repeats for new events',
      ),
    );
    found.push(...ruleDifferences(`${at}.rules.${heir}`, was[name]!, is[heir]!));
  }
  for (const name of fresh)
    found.push(visible(`${at}.rules.${name}`, null, is[name]!.types.join(', '), 'its events are sent from now on'));
  for (const name of Object.keys(is))
    if (name in was) found.push(...ruleDifferences(`${at}.rules.${name}`, was[name]!, is[name]!));
  return found;
}

function ruleDifferences(at: string, was: RuleContract, is: RuleContract): ContractDifference[] {
  const found: ContractDifference[] = [];
  if (was.traceKey !== is.traceKey)
    found.push(
      breaking(
        `${at}.traceKey`,
        was.traceKey ?? 'key',
        is.traceKey ?? 'key',
        'events move to other lanes: order is not kept between those waiting and new ones',
      ),
    );
  const lists: readonly (readonly [string, readonly string[], readonly string[], string])[] = [
    ['event', was.types, is.types, 'receivers get other event types'],
    ['version', [was.version], [is.version], 'the version in header and body differs'],
    ['to', was.to, is.to, 'other destinations get its events'],
  ];
  for (const [name, before, after, means] of lists)
    if (before.join() !== after.join())
      found.push(visible(`${at}.${name}`, before.join(', '), after.join(', '), means));
  for (const name of union(was.parts, is.parts))
    if (was.parts[name] !== is.parts[name])
      found.push(
        visible(
          `${at}.${name}`,
          was.parts[name] ?? null,
          is.parts[name] ?? null,
          'which events are sent, or their form, differs',
        ),
      );
  for (const name of union(was.members, is.members))
    if (was.members[name] !== is.members[name])
      found.push(visible(`${at}.${name}`, was.members[name] ?? null, is.members[name] ?? null, memberMeans(name)));
  return found;
}

function memberMeans(name: string): string {
  return name.startsWith('mask ') ? 'what receivers see of the column differs' : 'a member of the body differs';
}

function destinationDifferences(
  at: string,
  was: DestinationContract | undefined,
  is: DestinationContract | undefined,
): ContractDifference[] {
  if (!is) return [visible(at, was!.kind, null, 'it gets no more events; what waits for it is not delivered')];
  if (!was) return [visible(at, null, is.kind, 'it gets events from now on')];
  const found: ContractDifference[] = [];
  if (was.kind !== is.kind || was.place !== is.place)
    found.push(
      visible(
        at,
        `${was.kind} ${was.place}`.trim(),
        `${is.kind} ${is.place}`.trim(),
        'what waits goes to the new place',
      ),
    );
  if (was.signing !== is.signing)
    found.push(visible(`${at}.signing`, was.signing, is.signing, 'receivers must verify another signature'));
  return found;
}

function keyWords(key: readonly string[]): string {
  return key.length === 0 ? 'record number' : key.join(', ');
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(b), ...Object.keys(a)])];
}

function breaking(at: string, was: string, is: string, means: string): ContractDifference {
  return { level: 'breaking', at, was, is, means };
}

function visible(at: string, was: string | null, is: string | null, means: string): ContractDifference {
  return { level: 'visible', at, was, is, means };
}
