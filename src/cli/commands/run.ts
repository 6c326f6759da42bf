/** `run`: the daemon. */
import type { Command } from 'commander';
import { Daemon } from '../../daemon/daemon';
import { isCoded } from '../../errors/coded-error';
import { createLogger, type LogLevel } from '../../telemetry/logger';
import type { CliIo, GlobalOptions } from '../io';
import { loadCommandConfig } from '../load-config';
import { keepHeapModest } from '../modest-heap';

export function register(program: Command, io: CliIo): void {
  program
    .command('run')
    .description('capture and deliver until stopped')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc run -c /etc/ibmi-cdc/prod.yaml

SIGTERM or SIGINT lets requests under way end and stops; a second signal stops at once.
Exit codes: 0 stopped on request, 2 config, 3 partition refused or never reached, 4 position lost.`,
    )
    .action(async (_options: unknown, command: Command) => {
      keepHeapModest();
      const { traceWire, logLevel } = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, command.optsWithGlobals<GlobalOptions>(), 'require');
      const chosen = command.parent?.getOptionValueSource('logLevel') === 'cli' ? logLevel : config.log.level;
      const log = createLogger(chosen as LogLevel, io.stderr);
      const stop = new AbortController();
      const release = stopOnSignals(stop, () => log.info('stopping: a second signal stops at once'));
      try {
        const daemon = await Daemon.start({ config, log, stdout: io.stdout, traceWire, signal: stop.signal });
        await daemon.finished();
        log.info('stopped');
      } catch (error) {
        // asked to stop before the partition had answered
        if (!(stop.signal.aborted && isCoded(error) && error.code === 'CANCELLED')) throw error;
        log.info('stopped');
      } finally {
        release();
      }
    });
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
