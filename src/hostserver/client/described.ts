/**
 * The description of columns or markers in whichever form the server sent it. We ask for the super-extended one (3812,
 * 3813); like JTOpen we also read the extended (380C, 380D) and the original one (3805, 3808), whose names are in place.
 */
import { type DataFormat, formatField, formatOf, VARIABLE } from '../formats/data-format';
import type { DbReplyParts } from '../messages/database/db-reply';

/** Null when the reply describes no columns. */
export function describedColumns(parts: DbReplyParts): DataFormat | null {
  return parts.dataFormat ?? lifted(parts.extendedFormat ?? parts.originalFormat);
}

/** Null when the reply describes no markers. */
export function describedMarkers(parts: DbReplyParts): DataFormat | null {
  return parts.parameterFormat ?? lifted(parts.extendedParameterFormat ?? parts.originalParameterFormat);
}

type OlderFormat = NonNullable<DbReplyParts['extendedFormat'] | DbReplyParts['originalFormat']>;

function lifted(format: OlderFormat | null | undefined): DataFormat | null {
  if (!format) return null;
  const fields = format.fields.map((field) => {
    const { type, length, scale, precision, ccsid, parameterType, nameLength, nameCcsid, name } = field;
    const locator = 'lobLocator' in field ? { lobLocator: field.lobLocator, lobMaxSize: field.lobMaxSize } : {};
    const text = { ccsid: nameCcsid, bytes: Buffer.from(name.subarray(0, Math.min(nameLength, name.length))) };
    const variable = [{ cp: VARIABLE.fieldName, text }];
    return formatField({ type, length, scale, precision, ccsid, parameterType, ...locator, variable });
  });
  return formatOf(fields, { consistencyToken: format.consistencyToken });
}
