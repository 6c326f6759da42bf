/** The record image of the entry, byte by byte beside its columns, before and after; read from the journal when asked for. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { pathOf } from '../../frame/api';
import type { ImageView, WholeEvent } from '../../frame/models';
import { useAsk } from '../../frame/use-ask';
import { Answer, Facts } from '../../parts/basics';
import { t } from '../../words/language';
import { ImageGrid } from './image-grid';

export function RecordImage({ id, event }: { id: string; event: WholeEvent }): JSX.Element {
  const [shown, setShown] = useState(false);
  if (!event.receiver) return <p>{t('noEntry')}</p>;
  if (shown) return <Shown id={id} />;
  return (
    <>
      <p class="quiet">
        {t('imageFromJournal')} {t('lookIsLogged')}
      </p>
      <button type="button" onClick={() => setShown(true)}>
        {t('showImage')}
      </button>
    </>
  );
}

function Shown({ id }: { id: string }): JSX.Element {
  const image = useAsk<ImageView>(`/v1/events${pathOf(id)}/image`);
  return (
    <Answer asked={image}>
      {(entry) => (
        <>
          <Facts
            items={[
              ['op', entry.op],
              ['format', <code key="f">{entry.format}</code>],
              ['user', entry.user],
              ['job', entry.job],
              ['program', entry.program],
              ['commitCycle', entry.commitCycle],
              ['rrn', entry.rrn],
            ]}
          />
          <ImageGrid fields={entry.fields} hasBefore={entry.hasBefore} />
        </>
      )}
    </Answer>
  );
}
