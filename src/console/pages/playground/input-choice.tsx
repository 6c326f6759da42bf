/** What a mapping is tried on: an entry of a recent event, or a record image in hex. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ListedEvent } from '../../frame/models';
import { t } from '../../words/language';

export interface Given {
  readonly op: 'insert' | 'update' | 'delete';
  readonly receiver?: string;
  readonly sequence?: string;
  readonly image?: string;
  readonly beforeImage?: string;
  readonly nullMap?: string;
}

const OPS = ['insert', 'update', 'delete'] as const;

interface ChoiceProps {
  readonly events: readonly ListedEvent[];
  readonly given: Given;
  readonly onGiven: (given: Given) => void;
}

export function InputChoice({ events, given, onGiven }: ChoiceProps): JSX.Element {
  const [pasted, setPasted] = useState(false);
  const read = events.filter((e) => e.receiver !== null);
  return (
    <fieldset>
      <legend>{t('triedOn')}</legend>
      <label class="check">
        <input type="radio" name="by" checked={!pasted} onChange={() => setPasted(false)} /> {t('anEntry')}
      </label>
      <label class="check">
        <input type="radio" name="by" checked={pasted} onChange={() => setPasted(true)} /> {t('anImage')}
      </label>
      {pasted ? (
        <Pasted given={given} onGiven={onGiven} />
      ) : (
        <label>
          <span>{t('entry')}</span>
          <select
            onChange={(e) => {
              const found = read.find(({ id }) => id === e.currentTarget.value);
              onGiven({ op: given.op, ...(found ? { receiver: found.receiver!, sequence: found.sequence! } : {}) });
            }}
          >
            <option value="">{t('chooseEntry')}</option>
            {read.map((e) => (
              <option key={e.id} value={e.id} selected={e.sequence === given.sequence && e.receiver === given.receiver}>
                {`${e.type} ${e.key} ${e.receiver}:${e.sequence}`}
              </option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  );
}

function Pasted({ given, onGiven }: Omit<ChoiceProps, 'events'>): JSX.Element {
  const put = (name: 'image' | 'beforeImage' | 'nullMap', text: string): void => {
    const { receiver: _, sequence: __, [name]: ___, ...rest } = given;
    const clean = text.replaceAll(/\s/g, '');
    onGiven({ ...rest, ...(clean === '' ? {} : { [name]: clean }) });
  };
  const field = (name: 'image' | 'beforeImage' | 'nullMap', word: 'imageHex' | 'beforeHex' | 'nullMap') => (
    <label>
      <span>{t(word)}</span>
      <input type="text" value={given[name] ?? ''} onInput={(e) => put(name, e.currentTarget.value)} />
    </label>
  );
  return (
    <>
      <label>
        <span>{t('op')}</span>
        <select onChange={(e) => onGiven({ ...given, op: OPS[e.currentTarget.selectedIndex]! })}>
          {OPS.map((op) => (
            <option key={op} selected={op === given.op}>
              {op}
            </option>
          ))}
        </select>
      </label>
      {field('image', 'imageHex')}
      {given.op === 'update' && field('beforeImage', 'beforeHex')}
      {field('nullMap', 'nullMap')}
    </>
  );
}
