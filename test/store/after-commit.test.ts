/** What is said of a transaction is said when it has committed, and not at all if it never does. */
import { Store } from '../../src/store/store';

const withStore = (use: (store: Store, said: string[], say: (what: string) => void) => void): void => {
  using store = Store.open(':memory:', []);
  const said: string[] = [];
  use(store, said, (what) =>
    store.afterCommit(() => said.push(`${what}${store.db.inTransaction ? ' too early' : ''}`)),
  );
};

test('at once where no transaction is open', () => {
  withStore((_, said, say) => {
    say('now');
    expect(said).toEqual(['now']);
  });
});

test('in order, once, behind the outermost commit', () => {
  withStore((store, said, say) => {
    store.transaction(() => {
      say('one');
      store.transaction(() => say('two'));
      expect(said).toEqual([]);
    });
    store.transaction(() => undefined);
    expect(said).toEqual(['one', 'two']);
  });
});

test('never of a transaction that was rolled back, nor at the commit of the next', () => {
  withStore((store, said, say) => {
    const failed = (): void =>
      store.transaction(() => {
        say('lost');
        throw new Error('no');
      });
    expect(failed).toThrow('no');
    store.transaction(() => say('kept'));
    expect(said).toEqual(['kept']);
  });
});
