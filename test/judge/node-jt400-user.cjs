// A user of node-jt400 as its README has it, in a process of its own (one JVM a process). Settings come as JSON in argv;
// the answers are one JSON object on standard output.
const { createRequire } = require('node:module');

async function main({ host, user, password, signon, database, trustStore }) {
  const entry = require.resolve('node-jt400');
  const java = createRequire(entry)('java');
  if (trustStore) {
    java.options.push(`-Djavax.net.ssl.trustStore=${trustStore.file}`);
    java.options.push(`-Djavax.net.ssl.trustStorePassword=${trustStore.password}`);
  }
  const jt400 = require('node-jt400');
  const system = java.newInstanceSync('com.ibm.as400.access.SecureAS400', host);
  system.setServicePortSync(7, signon);
  system.setServicePortSync(4, database);
  const options = { host, user, naming: 'sql', secure: 'true', prompt: 'false' };
  const quiet = { logger: { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} } };
  const answer = {};
  answer.wrong = await jt400.connect({ ...options, password: 'nonsense' }, quiet).then(
    () => 'connected',
    (error) => String(error.message),
  );
  const connection = await jt400.connect({ ...options, password }, quiet);
  answer.count = await connection.query('SELECT COUNT(*) AS N FROM ORDLIB.ORDHDR');
  answer.prepared = await connection.query('SELECT ORDNO FROM ORDLIB.ORDHDR WHERE ORDNO = ?', [100002]);
  await connection.update(
    'CREATE TABLE ORDLIB.NODEJT (ID INTEGER NOT NULL, NAME VARCHAR(20), PRICE DECIMAL(9,2), BORN DATE)',
  );
  await connection.update("CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/NODEJT) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)')");
  answer.inserted = await connection.update('INSERT INTO ORDLIB.NODEJT VALUES(?, ?, ?, ?)', [
    1,
    'eins',
    12.5,
    '2024-02-29',
  ]);
  answer.batch = await connection.batchUpdate('INSERT INTO ORDLIB.NODEJT VALUES(?, ?, ?, ?)', [
    [2, 'zwei', 1.25, '1999-12-31'],
    [3, 'drei', -1, '2000-01-01'],
  ]);
  await connection.transaction(async (t) => {
    await t.update('UPDATE ORDLIB.NODEJT SET NAME = ? WHERE ID = ?', ['kept', 2]);
  });
  await connection
    .transaction(async (t) => {
      await t.update('DELETE FROM ORDLIB.NODEJT');
      throw new Error('undo');
    })
    .catch(() => {});
  answer.rows = await connection.query('SELECT * FROM ORDLIB.NODEJT ORDER BY ID');
  answer.error = await connection.query('SELECT * FROM ORDLIB.NOWHERE').then(
    () => 'found',
    (error) => String(error.message),
  );
  answer.streamed = await new Promise((resolve, reject) => {
    let bytes = '';
    connection
      .createReadStream('SELECT ORDNO FROM ORDLIB.ORDHDR ORDER BY ORDNO')
      .on('data', (chunk) => {
        bytes += chunk;
      })
      .on('end', () => resolve(JSON.parse(bytes).length))
      .on('error', reject);
  });
  return answer;
}

main(JSON.parse(process.argv[2])).then(
  (answer) => {
    process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`, () => process.exit(1));
  },
);
