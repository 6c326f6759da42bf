/** `send-test`: one event, real if there is a recent one, through a configured destination, once, and what came of it. */
import type { Command } from 'commander';
import type { Config, DestinationConfig } from '../../../config/config';
import { createSink } from '../../../daemon/delivery';
import { recordedAfter } from '../../../operate/acting/acting';
import {
  apart,
  destinationOf,
  eventFor,
  notDelivered,
  type SendTestWish,
  sendTestReport,
  sendTestText,
} from '../../../operate/send-test';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { collect } from '../mapping/catalogue';

interface Options extends GlobalOptions, SendTestWish {
  readonly to?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('send-test')
    .description('send one test event, signed and authenticated as in real life, and show the answer')
    .requiredOption('--event <type>', 'event type, such as order.created')
    .option('--to <destination>', 'destination; may be left out when there is only one')
    .option('--synthetic', 'invented values, even if a recent event is there')
    .option('--format <file>', 'record formats as JSON (repeatable), so that invented values have types', collect, [])
    .option(
      '--formats <dir>',
      'folder of formats, as written by plan --formats; `formats` beside the configuration if there',
    )
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc send-test --event order.updated --to crm

The event has an id of its own (test_...) and "test": true in data.meta, so that a receiver can set it aside.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const config = loadCommandConfig(io, options, 'require');
      const destination = destinationOf(config, options.to);
      const action = { what: 'destination.test', scope: { destination: destination.name, event: options.event } };
      await recordedAfter(config, action, () => sendTest(io, options, config, destination));
    });
}

async function sendTest(io: CliIo, options: Options, config: Config, destination: DestinationConfig): Promise<void> {
  const { event, real } = eventFor(config, options);
  const { sink } = createSink(apart(destination), { config, stdout: io.stdout, identity: 'send-test' });
  const started = performance.now();
  try {
    const outbound = [{ event, body: event.body!, attempt: 1, pos: 1 }];
    const delivery = await sink.deliver(outbound, new AbortController().signal);
    const ms = performance.now() - started;
    const report = sendTestReport({ destination, label: sink.label, event, real, delivery, ms });
    print(io, options, report, sendTestText);
    if (!report.delivered) throw notDelivered(destination, report.why ?? '');
  } finally {
    await sink[Symbol.asyncDispose]();
  }
}
