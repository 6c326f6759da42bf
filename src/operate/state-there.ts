import type { Config } from '../config/config';
import { CodedError } from '../errors/coded-error';
import { stateThere } from '../store/look';

/** For commands that hand their work to a daemon. @throws CodedError USAGE where no daemon has written a state file */
export function needStateFile(config: Config): void {
  if (stateThere(config.state)) return;
  throw new CodedError({ code: 'USAGE', message: `no state file ${config.state}` });
}
