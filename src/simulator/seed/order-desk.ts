/**
 * A day at the order desk, through any SQL connection: orders with lines in commit cycles, status changes, price changes
 * outside commitment control, deleted orders, some work thrown away. It keeps its own books of what it committed, so that
 * someone else can be asked whether all of it arrived.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionValue } from '../sql-session';
import { CUSTOMERS, FIRST_CUSTOMER, ITEMS, itemNumber } from './order-rows';
import { cyymmdd, hhmmss, money, Random } from './random';

/** What the desk needs of a connection; the product's SqlConnection is one. */
export interface DeskConnection {
  execute(sql: string, params?: readonly SessionValue[]): Promise<{ readonly rowsAffected: number }>;
  setAutocommit(on: boolean): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

type DeskOperation = 'insert' | 'update' | 'delete';

/** One committed row change in a journaled table. `key` is the key columns' values joined by '/'. */
export interface DeskChange {
  readonly table: 'ORDHDR' | 'ORDLIN' | 'ITMMAS';
  readonly operation: DeskOperation;
  readonly key: string;
}

interface DeskOptions {
  /** Works in commit cycles. */
  readonly orders: DeskConnection;
  /** Works without commitment control; must be another connection. */
  readonly prices: DeskConnection;
  readonly seed?: number;
  /** First order number to give; default 200001. Ask MAX(ORDNO) when the partition was used before. */
  readonly firstOrder?: number;
  /** Called with every committed change, in commit order. */
  readonly onChange?: (change: DeskChange) => void;
  /** Local clock of the partition. */
  readonly now?: () => Date;
}

/** What was done so far; only what was committed counts as a change. */
export interface DeskBooks {
  readonly changes: number;
  readonly byTable: Readonly<Record<DeskChange['table'], Readonly<Record<DeskOperation, number>>>>;
  readonly commits: number;
  readonly rollbacks: number;
  readonly rolledBackChanges: number;
  /** Changes in PRICES, which no journal sees. */
  readonly unjournaled: number;
}

interface OpenOrder {
  readonly number: number;
  status: number;
  lines: number;
  total: number;
}

const STATUS_STEP = 10;
const INVOICED = 50;
const OPEN_ORDERS = 400;

const INSERT_HEADER = `INSERT INTO ORDLIB.ORDHDR (ORDNO, CUSNO, STS, ORDDAT, DLVDAT, CURR, TOTAMT, CUSREF, REMARK, CRTTS, CHGUSR,
 CHGDAT, CHGTIM) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CURRENT TIMESTAMP, ?, ?, ?)`;
const INSERT_LINE = `INSERT INTO ORDLIB.ORDLIN (ORDNO, LINNO, ITMNO, QTY, PRICE, DISC, STS, SHPDAT)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE_STATUS = 'UPDATE ORDLIB.ORDHDR SET STS = ?, CHGUSR = ?, CHGDAT = ?, CHGTIM = ? WHERE ORDNO = ?';
const UPDATE_TOTAL = 'UPDATE ORDLIB.ORDHDR SET TOTAMT = ?, CHGDAT = ?, CHGTIM = ? WHERE ORDNO = ?';
const UPDATE_LINE = 'UPDATE ORDLIB.ORDLIN SET QTY = ? WHERE ORDNO = ? AND LINNO = ?';
const DELETE_LINE = 'DELETE FROM ORDLIB.ORDLIN WHERE ORDNO = ? AND LINNO = ?';
const DELETE_HEADER = 'DELETE FROM ORDLIB.ORDHDR WHERE ORDNO = ?';
const UPDATE_ITEM = 'UPDATE ORDLIB.ITMMAS SET PRICE = ?, CHGDAT = ?, CHGTIM = ? WHERE ITMNO = ?';
const UPDATE_PRICE = 'UPDATE ORDLIB.PRICES SET PRICE = ?, CHGDAT = ?, CHGTIM = ? WHERE ITMNO = ? AND CURR = ?';

export class OrderDesk {
  private readonly random: Random;
  private readonly now: () => Date;
  private readonly open: OpenOrder[] = [];
  private pending: DeskChange[] = [];
  private nextOrder: number;
  private readonly tally = emptyTally();
  private changes = 0;
  private commits = 0;
  private rollbacks = 0;
  private rolledBack = 0;
  private unjournaled = 0;
  private started = false;

  constructor(private readonly options: DeskOptions) {
    this.random = new Random(options.seed ?? 1);
    this.nextOrder = options.firstOrder ?? 200_001;
    this.now = options.now ?? (() => new Date());
  }

  get books(): DeskBooks {
    const { changes, commits, rollbacks, rolledBack: rolledBackChanges, unjournaled } = this;
    return { changes, byTable: structuredClone(this.tally), commits, rollbacks, rolledBackChanges, unjournaled };
  }

  /** One piece of work; returns the row changes it committed in journaled tables. */
  async step(): Promise<number> {
    if (!this.started) await this.start();
    const before = this.changes;
    const dice = this.random.next();
    if (this.open.length < 3 || dice < 0.42) await this.enterOrder();
    else if (dice < 0.68) await this.advanceOrder();
    else if (dice < 0.78) await this.changeLine();
    else if (dice < 0.9) await this.changePrice();
    else if (dice < 0.96) await this.deleteOrder();
    else await this.abandonOrder();
    return this.changes - before;
  }

  /** Works at about `rate` changes a second until the signal; the piece of work begun is finished. */
  async run(rate: number, signal: AbortSignal): Promise<DeskBooks> {
    const began = Date.now();
    const first = this.changes;
    while (!signal.aborted) {
      await this.step();
      const due = began + ((this.changes - first) / rate) * 1000;
      const wait = due - Date.now();
      if (wait > 0) await pause(wait, signal);
    }
    return this.books;
  }

  private async start(): Promise<void> {
    this.started = true;
    await this.options.orders.setAutocommit(false);
    await this.options.prices.setAutocommit(true);
  }

  private async enterOrder(): Promise<OpenOrder> {
    const order = await this.writeOrder();
    await this.commit();
    this.open.push(order);
    if (this.open.length > OPEN_ORDERS) this.open.shift();
    return order;
  }

  private async writeOrder(): Promise<OpenOrder> {
    const { random } = this;
    const order: OpenOrder = { number: this.nextOrder++, status: 10, lines: random.between(1, 4), total: 0 };
    const lines = Array.from({ length: order.lines }, () => ({
      item: itemNumber(random.between(0, ITEMS - 1)),
      quantity: random.between(1, 60),
      price: random.between(20, 50_000),
    }));
    order.total = lines.reduce((sum, l) => sum + l.quantity * l.price, 0);
    const [date, time] = this.stamp();
    const customer = String(FIRST_CUSTOMER + random.between(0, CUSTOMERS - 1));
    const remark = random.chance(0.6) ? null : random.pick(['EXPRESS', 'CALL BEFORE DELIVERY', '']);
    const reference = random.chance(0.5) ? `PO ${random.between(1000, 99999)}` : '';
    await this.change('ORDHDR', 'insert', `${order.number}`, INSERT_HEADER, [
      ...[`${order.number}`, customer, '10', date, '0', 'EUR', money(order.total), reference, remark],
      ...['ANNA', date, time],
    ]);
    for (const [i, l] of lines.entries())
      await this.change('ORDLIN', 'insert', `${order.number}/${i + 1}`, INSERT_LINE, [
        ...[`${order.number}`, `${i + 1}`, l.item, `${l.quantity}`, money(l.price), '0.00', 'O', '0'],
      ]);
    return order;
  }

  private async advanceOrder(): Promise<void> {
    const order = this.random.pick(this.open);
    order.status += STATUS_STEP;
    const [date, time] = this.stamp();
    const params = [`${order.status}`, 'BERND', date, time, `${order.number}`];
    await this.change('ORDHDR', 'update', `${order.number}`, UPDATE_STATUS, params);
    await this.commit();
    if (order.status >= INVOICED) this.forget(order);
  }

  private async changeLine(): Promise<void> {
    const order = this.random.pick(this.open);
    const line = this.random.between(1, order.lines);
    const [date, time] = this.stamp();
    order.total += this.random.between(1, 20) * 100;
    const quantity = `${this.random.between(61, 999)}`;
    await this.change('ORDLIN', 'update', `${order.number}/${line}`, UPDATE_LINE, [
      ...[quantity, `${order.number}`, `${line}`],
    ]);
    const totals = [money(order.total), date, time, `${order.number}`];
    await this.change('ORDHDR', 'update', `${order.number}`, UPDATE_TOTAL, totals);
    await this.commit();
  }

  private async changePrice(): Promise<void> {
    const item = itemNumber(this.random.between(0, ITEMS - 1));
    const price = money(this.random.between(20, 50_000));
    const [date, time] = this.stamp();
    const { prices } = this.options;
    const done = await prices.execute(UPDATE_ITEM, [price, date, time, item]);
    if (done.rowsAffected > 0) this.book({ table: 'ITMMAS', operation: 'update', key: item });
    this.unjournaled += (await prices.execute(UPDATE_PRICE, [price, date, time, item, 'EUR'])).rowsAffected;
  }

  private async deleteOrder(): Promise<void> {
    const order = this.random.pick(this.open);
    for (let line = order.lines; line >= 1; line--)
      await this.change('ORDLIN', 'delete', `${order.number}/${line}`, DELETE_LINE, [`${order.number}`, `${line}`]);
    await this.change('ORDHDR', 'delete', `${order.number}`, DELETE_HEADER, [`${order.number}`]);
    await this.commit();
    this.forget(order);
  }

  /** The caller hangs up: an order was typed in and is thrown away. */
  private async abandonOrder(): Promise<void> {
    await this.writeOrder();
    await this.options.orders.rollback();
    this.rollbacks++;
    this.rolledBack += this.pending.length;
    this.pending = [];
  }

  private async change(
    table: DeskChange['table'],
    operation: DeskOperation,
    key: string,
    sql: string,
    params: readonly SessionValue[],
  ): Promise<void> {
    const { rowsAffected } = await this.options.orders.execute(sql, params);
    for (let i = 0; i < rowsAffected; i++) this.pending.push({ table, operation, key });
  }

  private async commit(): Promise<void> {
    await this.options.orders.commit();
    this.commits++;
    for (const change of this.pending) this.book(change);
    this.pending = [];
  }

  private book(change: DeskChange): void {
    this.tally[change.table][change.operation]++;
    this.changes++;
    this.options.onChange?.(change);
  }

  private forget(order: OpenOrder): void {
    this.open.splice(this.open.indexOf(order), 1);
  }

  private stamp(): [string, string] {
    const now = this.now();
    return [cyymmdd(now), hhmmss(now)];
  }
}

function emptyTally(): Record<DeskChange['table'], Record<DeskOperation, number>> {
  const none = () => ({ insert: 0, update: 0, delete: 0 });
  return { ORDHDR: none(), ORDLIN: none(), ITMMAS: none() };
}

/** Ends early when `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
