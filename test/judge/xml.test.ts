/**
 * What an XML column takes and refuses: cases of IBM's own driver tests (github.com/IBM/JTOpen-test, JDPSSetClob 44 to 69 for text,
 * JDPSSetBytes 38 to 46 and JDPSSetAsciiStream 62 to 69 for bytes).
 */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>`;

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges XML', judgeNeeds(jar), () => {
    let p: JudgedPartition;

    beforeAll(async () => {
      p = await judgedPartition(jar);
      await p.update('CREATE TABLE ORDLIB.DOCS (DOC XML)');
      await p.judge.run('prepare', { s: 'put', sql: 'INSERT INTO ORDLIB.DOCS VALUES(?)' });
    });
    afterAll(async () => {
      await p?.[Symbol.asyncDispose]();
    });
    beforeEach(() => p.update('DELETE FROM ORDLIB.DOCS'));
    afterEach(() => {
      expect(p.partition.errors.splice(0)).toEqual([]);
    });

    const put = (value: unknown) => p.judge.run('run', { s: 'put', params: [value] });
    const stored = async () => (await p.query('SELECT DOC FROM ORDLIB.DOCS')).rows;

    test.each([
      ['none', '<Test>VAR044\u00a2</Test>'],
      ['UCS-2', '<Test>VAR045\u00a2</Test>'],
      ['UTF-16', '  <Test>VAR046\u0130\u3041\ud800\udf30</Test>'],
      ['UTF-8', '<Test>VAR062</Test>'],
      ['IBM-037', '<Test>VAR068\u00a2</Test>'],
    ])('text, whatever encoding it declares: %s', async (encoding, body) => {
      await put(`${encoding === 'none' ? '' : declared(encoding)}${body}`);
      expect(await stored()).toEqual([[body.trim()]]);
    });

    test.each<[string, string | null, number, string]>([
      ['Latin-1 without a declaration, which is UTF-8', null, 819, '<Test>Var038</Test>'],
      ['Latin-1', 'ISO-8859-1', 819, '<Test>Var039\u00fb</Test>'],
      ['UTF-8', 'UTF-8', 1208, '  <Test>Var040\u00fb</Test>'],
      ['EBCDIC 37', 'IBM-037', 37, '  <Test>Var041\u00fb</Test>'],
      ['EBCDIC 937, mixed', 'IBM-937', 937, '  <Test>Var042\u672b</Test>'],
      ['UCS-2', 'UCS-2', 1200, '<Test>Var044\u00fb\uff7a</Test>'],
      ['UTF-16, big end first', 'UTF-16BE', 1200, '  <Test>Var045\u00fb\uff7a\ud800\udf30</Test>'],
    ])('bytes of %s', async (_, encoding, ccsid, body) => {
      const text = `${encoding ? declared(encoding) : ''}${body}`;
      await put({ t: 'bytes', v: textCodec(ccsid).encode(text).toString('hex') });
      expect(await stored()).toEqual([[body.trim()]]);
    });

    test('bytes of UTF-16, little end first', async () => {
      const bytes = Buffer.from(`${declared('UTF-16LE')}  <Test>Var046\u00fb\ud800\udf30</Test>`, 'utf16le');
      await put({ t: 'bytes', v: bytes.toString('hex') });
      expect(await stored()).toEqual([['<Test>Var046\u00fb\ud800\udf30</Test>']]);
    });

    test.each([
      ['an end of another name', `${declared('UTF-16')}  <Test>VAR063</Tes>`],
      ['a start of another name', `${declared('UTF-16')}  <Tes>VAR065</Test>`],
      ['no document at all', 'text'],
      ['two roots', '<a/><b/>'],
      ['a bare ampersand', '<a>fish & chips</a>'],
      ['an attribute without quotes', '<a b=c/>'],
      ['never closed', '<a><b></b>'],
    ])('refused: %s', async (_, text) => {
      await expect(put(text)).rejects.toMatchObject({ message: expect.stringContaining('XML parsing failed') });
      expect(await stored()).toEqual([]);
    });

    test.each([
      ['Latin-1 that says it is UTF-16', declared('UTF-16')],
      ['an encoding nobody knows', declared('KLINGON')],
    ])('refused: %s', async (_, head) => {
      const bytes = Buffer.from(`${head}<Test>VAR062</Test>`, 'latin1');
      await expect(put({ t: 'bytes', v: bytes.toString('hex') })).rejects.toMatchObject({
        message: expect.stringContaining('XML parsing failed'),
      });
    });

    test('comments, instructions, CDATA, entities, attributes, a document type', async () => {
      const document =
        '<!DOCTYPE a [<!ENTITY x "y">]><!-- c --><?go on?><n:a b="1" c=\'2\'>&lt;&#65;&#x42;&x;<![CDATA[<&]]><d/></n:a>';
      await put(document);
      expect(await stored()).toEqual([[document]]);
    });
  });
});
