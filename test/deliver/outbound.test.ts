/** The bytes of one attempt: its number, and `replay` where the event said how it was captured. */
import { withAttempt, withReplay } from '../../src/deliver/attempt-body';

test.each([
  [
    '{"a":{"meta":{"mode":"x"}},"meta":{"mode":"stream","attempt":1}}',
    '{"a":{"meta":{"mode":"x"}},"meta":{"mode":"replay","attempt":12}}',
  ],
  [
    '{"meta":{"mode":"backfill","user":"Ä \\"mode\\"","attempt":1}}',
    '{"meta":{"mode":"replay","user":"Ä \\"mode\\"","attempt":12}}',
  ],
  [
    '{"after":{"note":"\\"meta\\":{\\"mode\\":\\"x"},"attempt":1}',
    '{"after":{"note":"\\"meta\\":{\\"mode\\":\\"x"},"attempt":12}',
  ],
])('%s', (stored, sent) => {
  const body = Buffer.from(stored);
  const offset = body.indexOf('"attempt":1') + '"attempt":'.length;
  expect(withReplay(withAttempt(body, offset, 12), offset).toString()).toBe(sent);
});
