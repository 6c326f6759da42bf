/** Name, ports and TLS of the partition, checked before the first sign-on. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { type CheckFinding, finding, passed } from '../../catalog/finding';
import type { Config } from '../../config/config';

/** Host server ports by service entry, as WRKSRVTBLE shows them. */
const SERVICES: Readonly<Record<number, string>> = {
  8471: 'as-database',
  8476: 'as-signon',
  9471: 'as-database-s',
  9476: 'as-signon-s',
};

export async function networkFindings({ partition }: Pick<Config, 'partition'>): Promise<CheckFinding[]> {
  const { host, port, signonPort, tls, timeouts } = partition;
  try {
    await lookup(host);
  } catch {
    const fix = `partition: host: check "${host}", or CFGTCP option 10`;
    return [finding('CHECK_HOST_NAME', host, 'the host name does not resolve', fix)];
  }
  const found: CheckFinding[] = [];
  for (const p of partition.transport === 'odbc' ? [] : [port, signonPort]) {
    const problem = await portProblem(host, p, timeouts.connect);
    const subject = `${host}:${p}${SERVICES[p] ? ` (${SERVICES[p]})` : ''}`;
    const server = p === signonPort ? '*SIGNON' : '*DATABASE';
    found.push(
      problem === null
        ? passed('network', subject, 'answers')
        : finding('CHECK_PORT', subject, problem, openPort(server, tls !== 'off')),
    );
  }
  if (tls === 'off') {
    const fix = 'partition: tls: { ca: FILE }, ports 9471 and 9476';
    found.push(finding('CHECK_TLS_OFF', host, 'tls: off: password and data cross the network unencrypted', fix));
  }
  return found;
}

/** One command a line, as it is typed; what is no command is a comment of CL. */
function openPort(server: string, tls: boolean): string {
  const certificate = tls ? ', assign a certificate to the server in the Digital Certificate Manager' : '';
  return `STRHOSTSVR SERVER(${server})\n/* then open the port in firewalls${certificate} */`;
}

function portProblem(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const done = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done(`no answer within ${timeoutMs} ms`));
    socket.once('error', (error: NodeJS.ErrnoException) => done(`refused: ${error.code ?? error.message}`));
  });
}
