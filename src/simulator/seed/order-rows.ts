/** The rows ORDLIB starts with; always the same ones. */
import type { SessionValue } from '../sql-session';
import { cyymmdd, hhmmss, money, Random } from './random';

/** Values in column order; `blank` names numeric fields left at X'40'. */
export interface SeedRow {
  readonly values: readonly SessionValue[];
  readonly blank: readonly string[];
}

export const CUSTOMERS = 200;
export const ITEMS = 300;
const ORDERS = 500;
export const FIRST_CUSTOMER = 10001;
const FIRST_ORDER = 100001;

const NAMES = [
  'Müller',
  'Schäfer',
  'Groß',
  'Köhler',
  'Bäcker',
  'Öttinger',
  'Weiß',
  'Jäger',
  'Übelhör',
  'Schmidt',
  'Krüger',
];
const TRADES = [
  'Maschinenbau GmbH',
  'Präzisionsteile KG',
  'Eisenwaren',
  'Werkzeuge AG',
  'Söhne OHG',
  'Großhandel GmbH',
];
const STREETS = ['Hauptstraße', 'Bahnhofstraße', 'Gärtnerweg', 'Mühlgasse', 'Königsallee', 'Am Schloß', 'Lindenweg'];
const CITIES: readonly (readonly [string, string])[] = [
  ['80331', 'München'],
  ['50667', 'Köln'],
  ['40213', 'Düsseldorf'],
  ['90402', 'Nürnberg'],
  ['97070', 'Würzburg'],
  ['23552', 'Lübeck'],
  ['48143', 'Münster'],
  ['10115', 'Berlin'],
];
const GOODS = ['HEX BOLT', 'WASHER', 'BALL BEARING', 'V-BELT', 'HOSE CLAMP', 'GEAR WHEEL', 'O-RING', 'SPRING PIN'];
const SIZES = ['M6X30', 'M8X40', 'M10X50', '6204-2RS', '13X1000', '20-32MM', '24 TEETH', '12X2'];

export function customerRows(): SeedRow[] {
  const random = new Random(1988);
  return range(CUSTOMERS, (i) => {
    const [zip, city] = random.pick(CITIES);
    const name = random.pick(NAMES);
    const since = new Date(Date.UTC(1988 + random.between(0, 37), random.between(0, 11), random.between(1, 28)));
    const email = random.chance(0.4) ? null : `einkauf${i}@example.com`;
    const values: SessionValue[] = [
      String(FIRST_CUSTOMER + i),
      `${name} ${random.pick(TRADES)}`,
      random.chance(0.3) ? `z. Hd. Frau ${random.pick(NAMES)}` : '',
      `${random.pick(STREETS)} ${random.between(1, 180)}`,
      zip,
      city,
      random.chance(0.9) ? 'DE' : 'AT',
      email,
      money(random.between(0, 50) * 100000),
      cyymmdd(since),
      random.chance(0.95) ? 'A' : 'X',
    ];
    return { values, blank: i % 60 === 17 ? ['CRDLIM'] : [] };
  });
}

export function itemNumber(i: number): string {
  return `IT-${String(4000 + i).padStart(6, '0')}`;
}

export function itemRows(): SeedRow[] {
  const random = new Random(400);
  return range(ITEMS, (i) => {
    const cost = random.between(5, 90000);
    const changed = pastMoment(random);
    const values: SessionValue[] = [
      itemNumber(i),
      `${random.pick(GOODS)} ${random.pick(SIZES)}`,
      random.pick(['PCE', 'BOX', 'MTR']),
      money(Math.round(cost * 1.35)),
      money(cost),
      `${random.between(0, 40)}.${String(random.between(0, 999)).padStart(3, '0')}`,
      random.between(0, 5000),
      random.chance(0.97) ? 'A' : 'D',
      cyymmdd(changed),
      hhmmss(changed),
    ];
    return { values, blank: i % 75 === 33 ? ['COST', 'WEIGHT'] : [] };
  });
}

export function orderRows(): { headers: SeedRow[]; lines: SeedRow[] } {
  const random = new Random(36);
  const lines: SeedRow[] = [];
  const headers = range(ORDERS, (i) => header(random, FIRST_ORDER + i, i, lines));
  return { headers, lines };
}

const STATUSES = ['10', '20', '30', '40', '50', '50', '50', '90'];

function header(random: Random, order: number, i: number, lines: SeedRow[]): SeedRow {
  // One in forty is an old one from before 2000, whose CYYMMDD has lost its leading zero.
  const ordered =
    i % 40 === 7 ? new Date(Date.UTC(1999, random.between(0, 11), random.between(1, 28))) : pastMoment(random);
  const status = random.pick(STATUSES);
  const delivered = Number(status) >= 40 && status !== '90';
  const delivery = delivered ? cyymmdd(new Date(ordered.getTime() + random.between(1, 9) * 86_400_000)) : '0';
  let total = 0;
  for (let n = 1; n <= random.between(1, 5); n++) total += line(random, order, n, delivered ? delivery : '0', lines);
  const values: SessionValue[] = [
    String(order),
    String(FIRST_CUSTOMER + random.between(0, CUSTOMERS - 1)),
    status,
    cyymmdd(ordered),
    delivery,
    random.chance(0.9) ? 'EUR' : 'CHF',
    money(total),
    random.chance(0.5) ? `PO ${random.between(1000, 99999)}` : '',
    random.chance(0.7) ? null : random.pick(['CALL BEFORE DELIVERY', 'PARTIAL DELIVERY OK', 'EXPRESS', '']),
    `${ordered.toISOString().slice(0, 19)}.${String(random.between(0, 999999)).padStart(6, '0')}`,
    random.pick(['ANNA', 'BERND', 'ORDBATCH']),
    cyymmdd(ordered),
    hhmmss(ordered),
  ];
  return { values, blank: i % 97 === 50 ? ['DLVDAT'] : [] };
}

function line(random: Random, order: number, n: number, shipped: string, lines: SeedRow[]): number {
  const quantity = random.between(1, 120);
  const price = random.between(10, 60000);
  const values: SessionValue[] = [
    String(order),
    String(n),
    itemNumber(random.between(0, ITEMS - 1)),
    String(quantity),
    money(price),
    random.chance(0.8) ? '0.00' : money(random.between(1, 30) * 50),
    shipped === '0' ? 'O' : 'S',
    shipped,
  ];
  lines.push({ values, blank: lines.length % 211 === 100 ? ['DISC'] : [] });
  return quantity * price;
}

export function priceRows(): SeedRow[] {
  const random = new Random(7);
  return range(ITEMS * 2, (i) => {
    const changed = pastMoment(random);
    const values: SessionValue[] = [
      itemNumber(Math.floor(i / 2)),
      i % 2 === 0 ? 'EUR' : 'CHF',
      money(random.between(10, 60000)),
      cyymmdd(changed),
      cyymmdd(changed),
      hhmmss(changed),
    ];
    return { values, blank: [] };
  });
}

export function shipmentRows(): SeedRow[] {
  const random = new Random(11);
  return range(120, (i) => {
    const shipped = pastMoment(random);
    const day = (plus: number) => new Date(shipped.getTime() + plus * 86_400_000).toISOString().slice(0, 10);
    const values: SessionValue[] = [
      String(500_001 + i),
      String(FIRST_ORDER + random.between(0, ORDERS - 1)),
      random.pick(['DHL', 'SCHENKER', 'DACHSER', 'PICKUP']),
      day(0),
      day(random.between(2, 6)),
      random.chance(0.4) ? null : day(random.between(1, 5)),
      shipped.toISOString().slice(11, 19),
      `${shipped.toISOString().slice(11, 16)}:00`,
      `${random.between(1, 900)}.${random.between(0, 9)}`,
    ];
    return { values, blank: i % 40 === 9 ? ['WEIGHT'] : [] };
  });
}

/** A moment in office hours between August and November 2026. */
function pastMoment(random: Random): Date {
  const day = Date.UTC(2026, 7, 1) + random.between(0, 110) * 86_400_000;
  return new Date(day + random.between(7 * 3600, 18 * 3600) * 1000);
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
