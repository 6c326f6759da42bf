/** `run`: the daemon. */
import type { Command } from 'commander';
import type { Config } from '../../../config/config';
import { Daemon } from '../../../daemon/daemon';
import type { ServeApi } from '../../../daemon/running';
import { isCoded } from '../../../errors/coded-error';
import { createLogger, type Logger, type LogLevel, setLevel } from '../../../telemetry/logger';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { keepHeapModest } from '../../modest-heap';

export function register(program: Command, io: CliIo): void {
  program
    .command('run')
    .description('capture and deliver until stopped')
    .option('--accept', 'take up a configuration that breaks promises to receivers (see plan --diff)', false)
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc run -c /etc/ibmi-cdc/prod.yaml

SIGTERM or SIGINT lets requests under way end for up to six seconds and stops; a second signal stops at once.
SIGHUP reads log.level of the configuration again; files of credentials are followed without it.
Exit codes: 0 stopped on request, 2 config, 3 partition refused or never reached, 4 position lost.`,
    )
    .action(async ({ accept }: { readonly accept: boolean }, command: Command) => {
      keepHeapModest();
      const { traceWire, logLevel } = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, command.optsWithGlobals<GlobalOptions>(), 'require');
      const chosen = command.parent?.getOptionValueSource('logLevel') === 'cli' ? logLevel : config.log.level;
      const log = createLogger(chosen as LogLevel, io.stderr);
      const stop = new AbortController();
      const release = stopOnSignals(stop, () => log.info('stopping: a second signal stops at once'));
      const reload = (): void => readAgain(io, command, log);
      process.on('SIGHUP', reload);
      try {
        const { signal } = stop;
        const parts = { config, log, stdout: io.stdout, traceWire, accept, signal };
        const daemon = await Daemon.start({ ...parts, api: apiOf(config) });
        await daemon.finished();
        log.info('stopped');
      } catch (error) {
        // asked to stop before the partition had answered
        if (!(stop.signal.aborted && isCoded(error) && error.code === 'CANCELLED')) throw error;
        log.info('stopped');
      } finally {
        release();
        process.off('SIGHUP', reload);
      }
    });
}

/** The API is loaded where it is served. */
function apiOf({ http }: Config): ServeApi | undefined {
  return http === 'off' ? undefined : (require('../../../api/api') as typeof import('../../../api/api')).serveApi;
}

/** SIGHUP: what a running daemon can take up. A configuration that has become wrong changes nothing. */
function readAgain(io: CliIo, command: Command, log: Logger): void {
  try {
    const config = loadCommandConfig(io, command.optsWithGlobals<GlobalOptions>(), 'tolerate');
    const chosen = command.parent?.getOptionValueSource('logLevel') === 'cli';
    if (!chosen) setLevel(log, config.log.level as LogLevel);
    const level = log.level;
    log.info({ level }, 'SIGHUP: log.level is read again; every other change of the configuration needs a restart');
  } catch (error) {
    log.error({ error }, 'SIGHUP: the configuration cannot be read, nothing is changed');
  }
}

/** First signal drains, second ends the process: the checkpoint is durable at any moment, so nothing is lost by it. */
function stopOnSignals(stop: AbortController, onFirst: () => void): () => void {
  const handler = (): void => {
    if (stop.signal.aborted) process.exit(0);
    onFirst();
    stop.abort();
  };
  process.on('SIGTERM', handler);
  process.on('SIGINT', handler);
  return () => {
    process.off('SIGTERM', handler);
    process.off('SIGINT', handler);
  };
}
