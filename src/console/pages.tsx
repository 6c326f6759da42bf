/** Which page an address stands for. Each has a path of its own, so that alerts and notes can link to it. */
import type { JSX } from 'preact';
import type { Place } from './frame/router';
import { AuditLogPage } from './pages/audit-log';
import { DeadLetterPage } from './pages/dead-letter';
import { DeadLettersPage } from './pages/dead-letters';
import { DestinationPage } from './pages/destination';
import { EventPage } from './pages/event';
import { EventsPage } from './pages/events';
import { JobsPage } from './pages/jobs';
import { JournalPage } from './pages/journal';
import { OverviewPage } from './pages/overview';
import { PlaygroundPage } from './pages/playground';
import { TablePage } from './pages/table';
import { TailPage } from './pages/tail';
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
    case 'journals':
      return <JournalPage name={nameIn(place)} />;
    case 'tables':
      return <TablePage name={nameIn(place)} />;
    case 'destinations':
      return <DestinationPage name={first ?? ''} />;
    case 'tail':
      return <TailPage key={place.query.toString()} place={place} />;
    case 'jobs':
      return <JobsPage />;
    case 'playground':
      return <PlaygroundPage place={place} />;
    case 'audit-log':
      return <AuditLogPage place={place} />;
    default:
      return <NoPage />;
  }
}

/** `LIB/NAME` of two parts. */
function nameIn({ parts }: Place): string {
  return `${parts[1] ?? ''}/${parts[2] ?? ''}`;
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
