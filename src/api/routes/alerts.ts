/** What the daemon has raised an alert for. */
import { z } from 'zod';
import { endedAlerts, raisedAlerts } from '../../operate/alerts/alerts';
import { route } from '../route';
import * as forms from '../schemas/alerts';
import { count } from '../schemas/input';

export const list = route({
  method: 'GET',
  path: '/v1/alerts',
  id: 'listAlerts',
  tag: 'Overview',
  summary: 'Alerts that last, the worst first, and the last ones that are over',
  role: 'viewer',
  query: z.strictObject({ ended: count('How many that are over, newest first; 20 if left out.', 0, 500).optional() }),
  answer: forms.alerts,
  handle: ({ desk, query }) => ({
    raised: raisedAlerts(desk.state),
    ended: endedAlerts(desk.state, query.ended ?? 20),
  }),
});
