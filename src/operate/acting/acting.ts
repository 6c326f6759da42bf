/** What operators change leaves a line in their log: begun before it is done, and ended with what came of it. */
import type { Config } from '../../config/config';
import { isCoded } from '../../errors/coded-error';
import { type Actor, type Facts, OPERATOR_LOG_SCHEMA, OperatorLog } from '../../operators/operator-log';
import { osUser } from '../../operators/os-user';
import { stateThere } from '../../store/look';
import { Store } from '../../store/store';
import type { StateFile } from '../state-file';

interface Action {
  /** As `what` of the log: `dead-letters.retry`, `table.pause`... */
  readonly what: string;
  /** Names, filters and times as the operator gave them; undefined ones are left out. */
  readonly scope: Facts;
}

/**
 * Does the work between two writes to the log. What is refused is a line of it, too.
 * @returns what the work returns; its counts and names stand in the log
 */
export async function recorded<R extends object>(
  { operators }: Pick<StateFile, 'operators'>,
  actor: Actor,
  { what, scope }: Action,
  work: () => R | Promise<R>,
): Promise<R> {
  const no = operators.begin(actor, what, given(scope));
  try {
    const result = await work();
    operators.end(no, 'done', countsOf(result));
    return result;
  } catch (error) {
    endWith(operators, no, error);
    throw error;
  }
}

/** A look at a payload: written down once it is known what there is to see, and before it is shown. */
export async function viewed<R>(
  { operators }: Pick<StateFile, 'operators'>,
  actor: Actor,
  scope: Facts,
  work: () => R | Promise<R>,
): Promise<R> {
  const result = await work();
  operators.note(actor, 'payload.view', given(scope));
  return result;
}

/** As {@link recorded}, for work that opens the state file itself, or makes it: one write, once it is done. */
export async function recordedAfter<R>(
  config: Pick<Config, 'state'>,
  { what, scope }: Action,
  work: () => Promise<R>,
): Promise<R> {
  const write = (end: (log: OperatorLog, no: number) => void): void => {
    if (!stateThere(config.state)) return;
    using store = Store.open(config.state, [OPERATOR_LOG_SCHEMA]);
    const log = new OperatorLog(store);
    end(log, log.begin(osUser(), what, given(scope)));
  };
  try {
    const result = await work();
    write((log, no) => log.end(no, 'done', countsOf(result)));
    return result;
  } catch (error) {
    try {
      write((log, no) => endWith(log, no, error));
    } catch {
      // a state file that cannot be opened: the error itself says so
    }
    throw error;
  }
}

function endWith(log: OperatorLog, no: number, error: unknown): void {
  const stopped = (error as { name?: unknown } | null)?.name === 'AbortError';
  const code = isCoded(error) ? error.code : stopped ? 'CANCELLED' : 'BUG';
  const refused = isCoded(error) && error.family === 'config';
  log.end(no, refused ? 'refused' : 'failed', { code });
}

function given(scope: Facts): Facts {
  return Object.fromEntries(
    Object.entries(scope)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}

/** Numbers, flags and short names: what was done, not what was seen. */
function countsOf(result: unknown): Facts {
  if (typeof result !== 'object' || result === null) return {};
  const plain = Object.entries(result).filter(([, value]) => ['number', 'boolean', 'string'].includes(typeof value));
  return Object.fromEntries(plain.filter(([name]) => !SECRET.has(name)));
}

/** A new token is seen by whoever made it, and by nobody else. */
const SECRET = new Set(['token', 'response', 'signature', 'body']);
