/** The small structures under the queue, each against the plain thing it stands for. */
import fc from 'fast-check';
import { Deque } from '../../../src/deliver/queue/deque';
import { DueHeap } from '../../../src/deliver/queue/due-heap';

describe('Deque', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), value: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('unshift' as const), value: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('shift' as const), value: fc.constant(0) }) },
  );

  test('does what an array does, over every growth of its ring', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const deque = new Deque<number>();
        const model: number[] = [];
        for (const { do: what, value } of steps) {
          if (what === 'shift') expect(deque.shift()).toBe(model.shift());
          else {
            deque[what](value);
            model[what](value);
          }
          expect(deque.length).toBe(model.length);
          expect(deque.peek()).toBe(model[0]);
        }
        expect(model.map(() => deque.shift())).toEqual(model);
        expect(deque.shift()).toBeUndefined();
        expect(deque.length).toBe(0);
      }),
    );
  });

  test('lets go of what was taken', () => {
    const deque = new Deque<object>();
    const place = { taken: null as object | null };
    deque.push({});
    place.taken = deque.shift()!;
    const ring = (deque as unknown as { ring: unknown[] }).ring;
    expect(ring.every((slot) => slot === undefined)).toBe(true);
  });
});

describe('DueHeap', () => {
  test('empty', () => {
    const heap = new DueHeap();
    expect(heap.next()).toBe(Number.POSITIVE_INFINITY);
    expect(heap.take()).toBeUndefined();
    expect(heap.size).toBe(0);
  });

  test('gives back everything that was put in, the earliest first, whatever comes between', () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.nat(50) }, { weight: 2, arbitrary: fc.constant('take' as const) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const heap = new DueHeap();
        const model: { at: number; name: string }[] = [];
        const take = (): void => {
          const least = Math.min(...model.map((item) => item.at));
          expect(heap.next()).toBe(least);
          const taken = heap.take();
          if (model.length === 0) return void expect(taken).toBeUndefined();
          expect(taken!.at).toBe(least);
          const at = model.findIndex((item) => item.name === taken!.name);
          expect(model[at]).toEqual(taken);
          model.splice(at, 1);
        };
        for (const [n, at] of steps.entries()) {
          if (at === 'take') take();
          else {
            heap.add(at, `lane-${n}`);
            model.push({ at, name: `lane-${n}` });
          }
          expect(heap.size).toBe(model.length);
        }
        while (model.length > 0) take();
        expect(heap.size).toBe(0);
      }),
    );
  });
});
