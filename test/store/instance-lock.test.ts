/** Whether a state file is in use does not depend on which copy of the SQLite module asks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstanceLock } from '../../src/store/instance-lock';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function another(): typeof InstanceLock {
  let loaded: typeof InstanceLock | null = null;
  jest.isolateModules(() => {
    loaded = (jest.requireActual('../../src/store/instance-lock') as { InstanceLock: typeof InstanceLock })
      .InstanceLock;
  });
  return loaded!;
}

test('whichever copy of the module asks: in use is told as in use', () => {
  const file = join(folder, 'state.sqlite');
  // the class of SQLite's errors is that of the copy that was loaded first
  const copies = [InstanceLock, another()];
  for (const mine of copies)
    for (const other of copies) {
      using _held = mine.acquire(file);
      expect(other.isHeld(file)).toBe(true);
      expect(() => other.acquire(file)).toThrow(expect.objectContaining({ code: 'STORE_IN_USE' }));
    }
  expect(InstanceLock.isHeld(file)).toBe(false);
});
