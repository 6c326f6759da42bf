import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { InstanceLock } from '../../store/instance-lock';
import { stateThere } from '../../store/look';

/** For commands that hand their work to a daemon. @throws CodedError USAGE where no daemon has written a state file */
export function needStateFile(config: Config): void {
  if (stateThere(config.state)) return;
  throw new CodedError({ code: 'USAGE', message: `no state file ${config.state}` });
}

/** How often a watcher asks whether the daemon is still there, in looks at its work. */
const LOOKS = 10;

/**
 * For commands that watch what a daemon does: call it with each look at the work while that is not done.
 * @throws CodedError DAEMON_ENDED, family store: nobody works on it any more
 */
export function daemonWatch({ state }: Config, work: string): () => void {
  let looks = 0;
  return () => {
    if (++looks % LOOKS !== 0 || InstanceLock.isHeld(state)) return;
    throw new CodedError({
      code: 'DAEMON_ENDED',
      message: `the daemon that works on ${work} has ended; what it did is kept, and it goes on at its next start`,
      next: 'start it again, or run the same command once more (backfill: with --resume)',
      facts: { file: state },
    });
  };
}
