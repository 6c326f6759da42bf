/** The first two exchanges with every server but the one for sign-on: seeds, and the password proved on them (docs/protocol.md#4). */
import { CLIENT_ATTRIBUTE, randomSeedsReply, randomSeedsRequest } from '../../messages/random-seeds';
import { authenticationForm } from '../../messages/signon-info';
import { CAN_RECEIVE_JOB_INFO, startServerReply, startServerRequest } from '../../messages/start-server';
import { newSeed, passwordSubstitute, userIdBytes } from '../../password';
import { textOf } from '../../wire-text';
import type { Channel } from '../channel';
import { type HostServerOptions, timeoutsOf } from './options';
import type { SignedOn } from './signon';
import { signonRefused } from './signon-errors';

/**
 * @param serverId which host server listens at the other end
 * @returns job that serves this connection, `number/user/name`; null when the server did not name it
 * @throws CodedError family signOn for a refusal, else transport or protocol
 */
export async function startServer(
  channel: Channel,
  serverId: number,
  options: HostServerOptions,
  signedOn: SignedOn,
): Promise<string | null> {
  const timeoutMs = timeoutsOf(options).signOn;
  const client = newSeed();
  const seeds = randomSeedsReply.decode(
    await channel.exchange(
      randomSeedsRequest.encode({ serverId, headerId: CLIENT_ATTRIBUTE.sha512 << 8 }, { seed: client }),
      { correlation: null, what: 'exchange random seeds', timeoutMs },
    ),
  );
  if (seeds.template.returnCode !== 0) throw signonRefused(seeds.template.returnCode, options.user);
  const substitute = passwordSubstitute(signedOn.passwordLevel, options.user, signedOn.token, {
    client,
    server: seeds.template.seed,
  });
  const started = startServerReply.decode(
    await channel.exchange(
      startServerRequest.encode(
        { serverId, headerId: CAN_RECEIVE_JOB_INFO << 8 },
        { form: authenticationForm(substitute.length), sendReply: 1 },
        { substitute, userId: userIdBytes(options.user) },
      ),
      { correlation: null, what: 'start server', timeoutMs },
    ),
  );
  if (started.template.returnCode !== 0) throw signonRefused(started.template.returnCode, options.user);
  const { jobName } = started.parameters;
  return jobName ? textOf(jobName) : null;
}
