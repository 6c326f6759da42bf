/** `decode`: record images to JSON, offline. One line in, one line out, in order; memory does not grow with the input. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { Decoder, type DecodeWish, lineFault } from '../../../operate/decode';
import { JsonSink } from '../../../record/write/json-sink';
import type { CliIo, GlobalOptions } from '../../io';
import { lines } from '../../lines';

interface DecodeOptions extends GlobalOptions, DecodeWish {
  readonly explain: boolean;
}

const FLUSH_BYTES = 1 << 16;

export function register(program: Command, io: CliIo): void {
  program
    .command('decode')
    .description(
      'Decode record images (exported ENTRY_DATA) to JSON: one JSON object a line from stdin, one line out for each',
    )
    .option('--format <file>', 'record format of lines that bring none of their own')
    .option('--keep-blanks', 'keep trailing blanks of text', false)
    .addOption(new Option('--binary <form>', 'form of binary values').choices(['base64', 'hex']).default('base64'))
    .option('--ccsid <number>', 'CCSID of character columns without one, or tagged 65535', ccsidNumber)
    .option('--explain', 'offset, width, bytes and value of each field (a table; with --json in each line)', false)
    .addHelpText(
      'after',
      '\nExample:\n  echo \'{"hex":"C1C2C3000123456F","nullMap":null}\' | ibmi-cdc decode --format ordhdr.json\n\nA line that cannot be read gives {"error":{..}} in its place, and exit code 5 at the end.',
    )
    .action(async (_, command: Command) => {
      const options = command.optsWithGlobals<DecodeOptions>();
      io.exit(await decodeLines(io, new Decoder(options), options));
    });
}

function ccsidNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a CCSID is a number such as 37 or 273.');
  return Number(text);
}

async function decodeLines(io: CliIo, decoder: Decoder, options: DecodeOptions): Promise<number> {
  const sink = new JsonSink();
  let malformed = 0;
  let number = 0;
  let closed = false;
  const gone = (): void => {
    closed = true;
  };
  // A reader that has seen enough (`| head`) ends the work, it is no failure.
  io.stdout.once('close', gone).once('error', gone);
  const flush = async (): Promise<void> => {
    const ready = Buffer.from(sink.since(0));
    sink.rewind();
    if (ready.length > 0 && !closed && !io.stdout.write(ready)) await drained(io.stdout);
  };
  for await (const line of lines(io.stdin, flush)) {
    number++;
    if (closed) break;
    if (line.trim() === '') continue;
    const start = sink.at;
    try {
      if (options.explain && !options.json) decoder.explain(line, number, sink);
      else decoder.decode(line, sink, options.explain);
    } catch (error) {
      sink.at = start;
      sink.text(`${JSON.stringify({ error: lineFault(error, number) })}\n`);
      malformed++;
    }
    if (sink.at >= FLUSH_BYTES) await flush();
  }
  await flush();
  return malformed > 0 ? EXIT.findings : EXIT.done;
}

/** Resolves when writing may go on, or when no one reads any more. */
function drained(out: CliIo['stdout']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      out.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    out.on('drain', done).on('close', done).on('error', done);
  });
}
