/** Which page an address stands for. Each has a path of its own, so that alerts and notes can link to it. */
import type { JSX } from 'preact';
import type { Place } from './frame/router';
import { DeadLetterPage } from './pages/dead-letter';
import { DeadLettersPage } from './pages/dead-letters';
import { EventPage } from './pages/event';
import { EventsPage } from './pages/events';
import { OverviewPage } from './pages/overview';
import { Head } from './parts/basics';
import { t } from './words/language';

export function pageOf(place: Place): JSX.Element {
  const [page, first] = place.parts;
  switch (page) {
    case '':
      return <OverviewPage />;
    case 'events':
      return first ? <EventPage id={first} /> : <EventsPage place={place} />;
    case 'dead-letters':
      return first ? <DeadLetterPage no={first} /> : <DeadLettersPage place={place} />;
    default:
      return <NoPage />;
  }
}

function NoPage(): JSX.Element {
  return (
    <>
      <Head title={t('noPage')} />
      <p>
        <a href="/">{t('overview')}</a>
      </p>
    </>
  );
}
