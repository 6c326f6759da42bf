/** Columns of a record image: place, bytes and value before and after; what changed is marked, in words too. */
import type { JSX } from 'preact';
import type { ImageView } from '../../frame/models';
import { Badge, type Column, Grid } from '../../parts/basics';
import { t } from '../../words/language';

type Field = ImageView['fields'][number];
type Side = Field['after'];

export function ImageGrid({ fields, hasBefore }: { fields: ImageView['fields']; hasBefore: boolean }): JSX.Element {
  const before: Column<Field>[] = [
    { word: 'bytesBefore', cell: (f) => <Bytes side={f.before} concealed={f.concealed} /> },
    { word: 'valueBefore', cell: (f) => <Value side={f.before} /> },
  ];
  return (
    <Grid
      caption={t('recordImage')}
      items={fields}
      keyOf={(f) => f.column}
      columns={[
        { word: 'offset', right: true, cell: (f) => f.offset },
        { word: 'width', right: true, cell: (f) => f.width },
        { word: 'column', cell: (f) => f.column },
        { word: 'columnType', cell: (f) => f.type },
        ...(hasBefore ? before : []),
        { word: 'bytesAfter', cell: (f) => <Bytes side={f.after} concealed={f.concealed} /> },
        { word: 'valueAfter', cell: (f) => <Value side={f.after} /> },
        { word: 'change', cell: (f) => f.changed && <Badge mood="warn">{t('changed')}</Badge> },
      ]}
    />
  );
}

function Bytes({ side, concealed }: { side: Side; concealed: Field['concealed'] }): JSX.Element | null {
  if (concealed) return <em>{t(concealed === 'masked' ? 'maskedColumn' : 'notInEvent')}</em>;
  return side && <code class="hex">{pairs(side.hex)}</code>;
}

function Value({ side }: { side: Side }): JSX.Element | null {
  if (!side) return null;
  return (
    <>
      {side.value} {side.error && <Badge mood="bad">{side.error}</Badge>}
    </>
  );
}

/** `F1F0 F0` in pairs, so that it may break anywhere between two bytes. */
function pairs(hex: string): string {
  return (
    hex
      .replace(/\.+$/, '')
      .replaceAll(/..(?=.)/g, '$& ')
      .toUpperCase() + (hex.endsWith('.') ? ' …' : '')
  );
}
