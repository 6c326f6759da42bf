import { parseCommand } from '../../../src/simulator/partition/cl/parse';
import { runCommand } from '../../../src/simulator/partition/cl/run';
import { newJob, openWorld, STOCK, type World } from './fixture';

describe('the command text', () => {
  test('keywords, lists in lists, quotes, comments, continuation', () => {
    const command = parseCommand(
      "CHGJRNOBJ OBJ((APPLIB/CUSTOMER *FILE) (APPLIB/ORDERS *FILE)) +\n  ATR(*IMAGES) TEXT('it''s (fine)') /* why */",
    );
    expect(command.name).toBe('CHGJRNOBJ');
    expect(command.keywords.get('OBJ')).toEqual([
      ['APPLIB/CUSTOMER', '*FILE'],
      ['APPLIB/ORDERS', '*FILE'],
    ]);
    expect(command.keywords.get('TEXT')).toEqual(["it's (fine)"]);
  });

  test('positional values, lower case, a library before the command', () => {
    const command = parseCommand('qsys/chgjrn applib/appjrn *gen seqopt(*reset)');
    expect([command.name, command.positional]).toEqual(['CHGJRN', ['APPLIB/APPJRN', '*GEN']]);
    expect(command.keywords.get('SEQOPT')).toEqual(['*RESET']);
  });

  test.each(['', 'CRTLIB LIB(X', 'CRTLIB )', "SNDJRNE 'open"])('%j is no command', (text) => {
    expect(() => parseCommand(text)).toThrow(expect.objectContaining({ messageId: 'CPF0006' }));
  });
});

describe('failures name the message an operator would see', () => {
  let world: World;
  beforeAll(() => {
    world = openWorld();
    world.partition.createFile(world.job, STOCK);
    world.cl('STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN)');
  });
  afterAll(() => world.partition.close());

  test.each([
    ['FROBNICATE X', 'CPD0030', 'Command FROBNICATE in library *LIBL not found.'],
    ['CRTLIB LIB(X) COLOUR(RED)', 'CPD0043', 'Keyword COLOUR not valid for this command.'],
    ['CRTLIB', 'CPD0071', 'Parameter LIB required.'],
    ['CRTLIB APPLIB', 'CPF2111', 'Library APPLIB already exists.'],
    ['CRTJRNRCV JRNRCV(NOLIB/R1)', 'CPF9810', 'Library NOLIB not found.'],
    [
      'CRTJRNRCV JRNRCV(APPLIB/APPRCV0001)',
      'CPF7010',
      'Object APPRCV0001 in library APPLIB type *JRNRCV already exists.',
    ],
    ['CHGJRN JRN(APPLIB/NOJRN) JRNRCV(*GEN)', 'CPF9801', 'Object NOJRN in library APPLIB not found.'],
    ['STRJRNPF FILE(APPLIB/NOFILE) JRN(APPLIB/APPJRN)', 'CPF9812', 'File NOFILE in library APPLIB not found.'],
    [
      'STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN)',
      'CPF7030',
      'Cannot start journaling file STOCK: it is journaled already.',
    ],
    ['CLRPFM FILE(APPLIB/STOCK) MBR(OTHER)', 'CPF9815', 'Member OTHER file STOCK in library APPLIB not found.'],
    ['CHGJRN JRN(APPLIB/APPJRN) MINENTDTA(*MAYBE)', 'CPD0084', "Value '*MAYBE' not valid for MINENTDTA."],
    ['DLTJRN APPLIB/APPJRN', 'CPF9803', 'Cannot allocate object APPJRN in library APPLIB.'],
    [
      'CHGJRN JRN(APPLIB/APPJRN) JRNRCV(APPLIB/APPRCV0001)',
      'CPF7011',
      'Receiver APPRCV0001 in APPLIB was attached before and cannot be used.',
    ],
  ])('%s: %s', (cl, messageId, message) => {
    expect(() => world.cl(cl)).toThrow(expect.objectContaining({ messageId, message }));
  });

  test('a failed command changed nothing', () => {
    expect(world.partition.libraries().map((l) => l.name)).toEqual(['QSYS', 'QGPL', 'QTEMP', 'APPLIB']);
    expect(world.partition.receivers()).toHaveLength(1);
  });

  test('deleting needs *OBJEXIST', () => {
    world.cl('RVKOBJAUT OBJ(APPLIB/STOCK) OBJTYPE(*FILE) USER(ANNA) AUT(*OBJEXIST)');
    expect(() => world.cl('DLTF APPLIB/STOCK')).toThrow(
      expect.objectContaining({ messageId: 'CPF9802', message: 'Not authorized to object STOCK in APPLIB.' }),
    );
  });

  test('ALCOBJ *EXCL keeps other jobs out until DLCOBJ or the end of the job', () => {
    const [member] = world.partition.file('APPLIB', 'STOCK')!.members;
    const holder = newJob(world.partition);
    const write = () => world.job.insertRow(member!, [`L${member!.rowCount()}`, '1', null]);
    runCommand(world.partition, holder, 'ALCOBJ OBJ((APPLIB/STOCK *FILE *EXCL))');
    expect(write).toThrow(expect.objectContaining({ sqlCode: -913 }));
    runCommand(world.partition, holder, 'DLCOBJ OBJ((APPLIB/STOCK *FILE *EXCL))');
    expect(write).not.toThrow();
    runCommand(world.partition, holder, 'ALCOBJ OBJ((APPLIB/STOCK *FILE *EXCL))');
    holder.end();
    expect(write).not.toThrow();
  });

  test('CRTPF makes a program-described file of one field', () => {
    world.cl('CRTPF FILE(APPLIB/FLAT) RCDLEN(80)');
    expect(world.partition.file('APPLIB', 'FLAT')!.recordLength).toBe(80);
  });

  test('DLTLIB takes everything in it along', () => {
    world.cl('CRTLIB GONE');
    world.cl('CRTPF FILE(GONE/FLAT) RCDLEN(10)');
    world.cl('DLTLIB GONE');
    expect(world.partition.files('GONE')).toHaveLength(0);
  });
});
