/** What exit code 5 (finished, with findings) says of each command that can end with it. The other codes mean the same everywhere. */
export const FINDINGS_OF: Readonly<Record<string, string>> = {
  demo: 'an event did not arrive as it should',
  validate: 'with --strict: the configuration has warnings',
  plan: 'with --diff: a promise to receivers is broken',
  test: 'a test of the mapping is not as expected',
  doctor: 'a check found something to mend',
  verify: 'a record image decoded here is not the row as the server converts it',
  reconcile: 'differences are left',
  decode: 'a line could not be read; the others were decoded',
  trace: 'nothing matches: no stored event, and no change of the key',
  audit: 'a sequence number has no fate',
  replay: 'nothing was queued, or a replay from the journal was stopped before its end',
  debug: 'stop: no capture of that number was running',
  dlq: 'no letter matches, or there is none of that number',
  backup: 'the copy is not whole, or a receiver it needs is gone',
  sample: 'with --entries: an entry would be set aside, or would stop the daemon',
  listen: 'with --count: fewer requests came than were waited for',
};
