/** A POST of JSON that was accepted, or why not. */

const TIMEOUT_MS = 10_000;

/**
 * @param place in errors, where the address itself may be a secret
 * @throws Error in words, without the address
 */
export async function post(
  place: string,
  request: { readonly url: string; readonly body: string; readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(request.url, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', 'user-agent': 'ibmi-cdc', ...request.headers },
      body: request.body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    throw new Error(`${place}: ${reason(error)}`);
  }
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${place} answered ${response.status}`);
}

function reason(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  return typeof cause?.code === 'string' ? cause.code : 'cannot be reached';
}
