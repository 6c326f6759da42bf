/** Whatever bytes a record image holds: every rule yields valid JSON or a stated refusal, twice the same. */
import fc from 'fast-check';
import { computeLayout } from '../../src/record/layout/layout';
import { change, mapperFor, ORDHDR, plainDraft } from './support';

const LENGTH = computeLayout(ORDHDR).length;
const YAML = `
  ORDLIB/ORDHDR:
    key: [ORDNO, CUSREF]
    rules:
      - { name: all, event: a, rawImage: base64, onDelete: delete, traceKey: "{{CUSREF}}", recordUrl: "https://x/{{REMARK}}" }
      - name: busy
        event: b
        onDelete: { update: { set: { STS: gone } } }
        include: "*"
        columns: { ORDDAT: { as: d, date: cyymmdd, withTime: CHGTIM, zone: Europe/Berlin, onError: raw }, TOTAMT: { as: t, number: true, onError: zero-if-blank }, CUSREF: { as: ref, onError: replace } }
        mask: { CHGUSR: { hash: sha256, key: k }, CURR: last4 }
        group: { g: { object: { a: REMARK, b: DLVDAT } } }
        expressions: { e: "concat(upper(CUSREF), TOTAMT * 2)", f: { value: "TOTAMT / CUSNO", scale: 3 } }
      - { name: lean, event: c, payload: changed, when: "TOTAMT > 0 or STS != 'x'", transitions: [{ event: c.x, column: STS, to: ["10"] }] }
      - { name: dbz, event: d, envelope: debezium, columns: { CUSREF: true }, onFieldError: null }
`.replace(', onFieldError: null', '');

const field = fc.oneof(
  fc.uint8Array({ minLength: LENGTH, maxLength: LENGTH }),
  fc.constantFrom(0x00, 0x40, 0xff, 0xf0, 0x0f, 0x6f).map((b) => new Uint8Array(LENGTH).fill(b)),
);
const nulls = fc.option(fc.array(fc.constantFrom(0x30, 0x31, 0x39, 0xf0, 0xf1), { minLength: 13, maxLength: 13 }), {
  nil: null,
});
const image = fc.tuple(field, nulls).map(([bytes, n]) => ({
  is: 'image' as const,
  image: { bytes, offset: 0, length: LENGTH, nulls: n && Uint8Array.from(n) },
}));

test('random images', () => {
  fc.assert(
    fc.property(image, image, fc.constantFrom('insert', 'update', 'delete', 'read'), (before, after, op) => {
      const c = change({
        op: op as 'insert',
        before: op === 'insert' || op === 'read' ? null : before,
        after: op === 'delete' ? null : after,
      });
      const tell = () => {
        const outcome = mapper.map(c);
        if (outcome.is !== 'mapped') throw new Error(outcome.is);
        return outcome.events.map((e) => ({ ...plainDraft(e), body: e.body.toString('utf8') }));
      };
      const events = tell();
      expect(tell()).toEqual(events);
      for (const e of events) {
        expect(() => JSON.parse(e.body)).not.toThrow();
        expect(e.id).toMatch(/^[0-9a-f]{20}-184467$/);
        if (e.attemptOffset >= 0) expect(Buffer.from(e.body)[e.attemptOffset]).toBe(0x31);
      }
    }),
    { numRuns: 400 },
  );
});

const mapper = mapperFor(YAML);
