/** One event's whole life: entry, record image, rule, body, each attempt. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { pathOf, queryOf } from '../frame/api';
import type { WholeEvent } from '../frame/models';
import { useAsk } from '../frame/use-ask';
import { Answer, Badge, DestinationLink, Facts, Grid, Head, Json, Section, TableLink, Time } from '../parts/basics';
import { bigNumber, number, t } from '../words/language';
import { AttemptList } from './event/attempts';
import { RecordImage } from './event/record-image';
import { Deliveries } from './events';
import { OtherRules } from './events/journal-answer';

type One = WholeEvent['others'][number];

export function EventPage({ id }: { id: string }): JSX.Element {
  const life = useAsk<WholeEvent>(`/v1/events${pathOf(id)}?body=false`);
  return (
    <Answer asked={life} title={t('event')}>
      {(event) => (
        <>
          <Head title={`${event.type} ${event.key}`} />
          <Entry event={event} />
          <Section title={t('recordImage')}>
            <RecordImage id={id} event={event} />
          </Section>
          <Section title={t('ruleAndClause')}>
            <Facts
              items={[
                ['table', <TableLink key="t" name={event.table} />],
                ['rule', event.rule],
                ['type', event.type],
                ['version', event.version],
              ]}
            />
            {event.receiver && event.sequence && (
              <OtherRules
                wish={{
                  key: event.traceKey,
                  table: event.table,
                  receiver: event.receiver,
                  fromSequence: event.sequence,
                  toSequence: event.sequence,
                }}
              />
            )}
          </Section>
          <Body id={id} event={event} />
          <Delivery event={event} />
          {event.others.map((other, i) => (
            <Section key={`${other.contentType} ${String(i)}`} title={t('otherBody')}>
              <Delivery event={other} />
            </Section>
          ))}
        </>
      )}
    </Answer>
  );
}

function Entry({ event }: { event: WholeEvent }): JSX.Element {
  return (
    <Section title={t('entry')}>
      <Facts
        items={[
          ['id', <code key="i">{event.id}</code>],
          ['journal', event.journal],
          ['receiver', event.receiver],
          ['sequence', event.sequence && bigNumber(event.sequence)],
          ['entryAt', <Time key="e" at={event.entryAt} />],
          ['written', <Time key="w" at={event.writtenAt} />],
        ]}
      />
      <div class="row">
        <a class="button" href={`/events${queryOf({ table: event.table, key: event.traceKey })}`}>
          {t('sameKey')}
        </a>
      </div>
    </Section>
  );
}

function Body({ id, event }: { id: string; event: WholeEvent }): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <Section title={t('body')}>
      {event.bodyBytes === 0 ? (
        <p>{event.tombstone ? t('tombstone') : t('noBody')}</p>
      ) : shown ? (
        <Shown id={id} />
      ) : (
        <>
          <p class="quiet">
            {event.contentType}, {t('bytes', { n: number(event.bodyBytes) })}. {t('lookIsLogged')}
          </p>
          <button type="button" onClick={() => setShown(true)}>
            {t('showBody')}
          </button>
        </>
      )}
      {event.damaged && <Badge mood="warn">{t('damaged')}</Badge>}
    </Section>
  );
}

function Shown({ id }: { id: string }): JSX.Element {
  const whole = useAsk<WholeEvent>(`/v1/events${pathOf(id)}`);
  return (
    <Answer asked={whole}>
      {({ body, others }) => (
        <>
          {body !== null && <Json value={body} label={t('body')} />}
          {others.map((o, i) => o.body !== null && <Json key={String(i)} value={o.body} label={t('otherBody')} />)}
        </>
      )}
    </Answer>
  );
}

function Delivery({ event }: { event: One }): JSX.Element {
  return (
    <Section title={t('deliveries')}>
      <Grid
        caption={t('deliveries')}
        items={event.destinations}
        keyOf={(d) => d.destination}
        columns={[
          { word: 'destination', cell: (d) => <DestinationLink name={d.destination} /> },
          { word: 'state', cell: (d) => <Deliveries of={[d]} /> },
          { word: 'attempts', right: true, cell: (d) => number(d.attempts) },
          { word: 'nextAttempt', cell: (d) => <Time at={d.dueAt} /> },
          { word: 'why', cell: (d) => d.heldBy ?? d.disabledBy ?? '–' },
        ]}
      />
      <AttemptList attempts={event.attempts} />
    </Section>
  );
}
