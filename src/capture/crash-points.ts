/**
 * Named moments at which the crash tests end the process for real. `IBMI_CDC_CRASH_AT=after-commit:3` kills it with
 * SIGKILL the third time it gets there; without the variable a moment costs one comparison.
 */
type Moment =
  | 'before-commit'
  | 'inside-transaction'
  | 'after-commit'
  | 'after-offer'
  | 'replay-inside-transaction'
  | 'replay-after-commit';

const [wanted, nth] = (process.env['IBMI_CDC_CRASH_AT'] ?? '').split(':');
let left = Number(nth ?? 1);

export function moment(name: Moment): void {
  if (name === wanted && --left === 0) process.kill(process.pid, 'SIGKILL');
}
