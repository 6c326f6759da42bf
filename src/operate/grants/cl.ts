/** Names and texts as CL takes them. */
import type { QualifiedName } from '../../model/position';

/** Letters of CL names; `$ # @` are letters too. Others must stand in double quotes. */
const PLAIN = /^(?:\*ALL|[A-Z$#@][A-Z0-9$#@_.]*\*?)$/;

export function clName(name: string): string {
  return PLAIN.test(name) ? name : `"${name}"`;
}

export function clNames({ library, name }: QualifiedName): string {
  return `${clName(library)}/${clName(name)}`;
}

/** At most 50 characters, as TEXT takes them. */
export function clText(text: string): string {
  return `'${text.slice(0, 50).replaceAll("'", "''")}'`;
}
