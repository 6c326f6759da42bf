/** Real dates, times and timestamps in every form a record image may have. */
import type { Dice } from '../support/dice';
import { common, ebcdic, type Kind } from './kind';

const ZONES = ['Europe/Berlin', 'UTC', 'America/New_York', '+05:30'];

export const two = (n: number): string => String(n).padStart(2, '0');

function calendarDay(dice: Dice): [number, number, number] {
  if (dice.below(12) === 0) return [9999, 12, 31];
  if (dice.below(12) === 0) return [1, 1, 1];
  return [dice.one([1940, 1999, 2024, 2039, 1970 + dice.below(60)]), 1 + dice.below(12), 1 + dice.below(28)];
}

export function date(dice: Dice): Kind {
  const dateFormat = dice.one(['ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL', 'ISO'] as const);
  const length = { ISO: 10, USA: 10, EUR: 10, JIS: 10, MDY: 8, DMY: 8, YMD: 8, JUL: 6 }[dateFormat];
  return {
    shape: { type: 'DATE', length, dateFormat },
    pad: Uint8Array.of(0x40),
    bytes: (d) => {
      let [y, m, day] = calendarDay(d);
      if (length < 10 && (y < 1940 || y > 2039)) y = 2000;
      const yyyy = String(y).padStart(4, '0');
      const ordinal = Math.round((Date.UTC(2000, m - 1, day) - Date.UTC(2000, 0, 1)) / 864e5) + 1;
      switch (dateFormat) {
        case 'USA':
          return ebcdic(`${two(m)}/${two(day)}/${yyyy}`);
        case 'EUR':
          return ebcdic(`${two(day)}.${two(m)}.${yyyy}`);
        case 'MDY':
          return ebcdic(`${two(m)}/${two(day)}/${yyyy.slice(2)}`);
        case 'DMY':
          return ebcdic(`${two(day)}/${two(m)}/${yyyy.slice(2)}`);
        case 'YMD':
          return ebcdic(`${yyyy.slice(2)}/${two(m)}/${two(day)}`);
        case 'JUL':
          return ebcdic(`${yyyy.slice(2)}/${String(Math.min(ordinal, 365)).padStart(3, '0')}`);
        default:
          return ebcdic(`${yyyy}-${two(m)}-${two(day)}`);
      }
    },
    options: common,
  };
}

export function time(dice: Dice): Kind {
  const timeFormat = dice.one(['ISO', 'EUR', 'JIS', 'HMS'] as const);
  return {
    shape: { type: 'TIME', length: 8, timeFormat },
    pad: Uint8Array.of(0x40),
    bytes: (d) => {
      const parts =
        d.below(6) === 0 ? ['24', '00', '00'] : [d.below(24), d.below(60), d.below(60)].map((n) => two(Number(n)));
      return ebcdic(parts.join(timeFormat === 'ISO' || timeFormat === 'EUR' ? '.' : ':'));
    },
    options: common,
  };
}

export function timestamp(dice: Dice): Kind {
  const scale = dice.below(13);
  return {
    shape: { type: 'TIMESTAMP', length: scale === 0 ? 19 : 20 + scale, scale },
    pad: Uint8Array.of(0x40),
    bytes: (d) => {
      const [y, m, day] = calendarDay(d);
      const midnight = d.below(6) === 0;
      const clock = midnight ? '24.00.00' : `${two(d.below(24))}.${two(d.below(60))}.${two(d.below(60))}`;
      const fraction = Array.from({ length: scale }, () => (midnight ? 0 : d.below(10))).join('');
      const whole = `${String(y).padStart(4, '0')}-${two(m)}-${two(day)}-${clock}`;
      return ebcdic(scale === 0 ? whole : `${whole}.${fraction}`);
    },
    options: (d) => ({ ...(d.below(2) ? { zone: d.one(ZONES) } : {}), ...common(d) }),
  };
}
