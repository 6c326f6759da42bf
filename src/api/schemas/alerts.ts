/** Forms of alerts. */
import { z } from 'zod';
import { component, time, whole } from './parts';

export const alert = component(
  'Alert',
  z.object({
    no: whole,
    rule: z.string().describe('A rule of docs/alerts.md.'),
    subject: z.string().describe('What it is about: a journal, a table, a destination, a file.'),
    severity: z.enum(['critical', 'warning']),
    summary: z.string(),
    next: z.string().describe('A command, or what to do in words.'),
    page: z.string().describe('Page of the console.'),
    since: time,
    endedAt: time.nullable().describe('Null while it lasts.'),
  }),
);

export const alerts = z.object({ raised: z.array(alert), ended: z.array(alert) });
