import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { duration } from '../../../machines/text/format.js';
import { isLoopback } from '../../net/hosts.js';
import { type Check, type Finding, fail, ok, warn } from '../check.js';

export const webService: Check = {
  id: 'web-service',
  title: 'Web service',
  description:
    'the web service of --validator: its name, the connection, TLS, and the time of an answer. The check sends a HEAD request without credentials and without data of clients',
  async run({ loaded: { config }, signal }) {
    if (config.validator === undefined) return [];
    const url = new URL(config.validator);
    const place = `${url.origin}${url.pathname}`;
    const isPlain = url.protocol === 'http:' && !isLoopback(hostIn(url));
    return [
      await answerFinding(url, place, config.validatorTimeout, signal),
      ...(isPlain
        ? [warn(`${place} is not encrypted: names of clients pass in the clear`, 'use https')]
        : []),
    ];
  },
};

async function answerFinding(
  url: URL,
  place: string,
  timeout: number,
  signal: AbortSignal,
): Promise<Finding> {
  const start = performance.now();
  const attempt: Attempt = { isConnected: false };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const { statusCode = 0 } = await head(url, limit, attempt);
    const took = performance.now() - start;
    const text = `${place} answers after ${duration(took)}`;
    if (statusCode >= 500) {
      return warn(`${text} with HTTP ${statusCode}`, 'look at the log of the web service');
    }
    if (statusCode >= 300 && statusCode < 400) {
      return warn(
        `${text} with a redirect (HTTP ${statusCode}), which the gate does not follow`,
        'set --validator to the address that it redirects to',
      );
    }
    if (took <= timeout / 2) return ok(text);
    return warn(
      `${text}, more than half of --validator-timeout (${duration(timeout)})`,
      'make the web service faster, or raise --validator-timeout',
    );
  } catch (error) {
    return failure(error as NodeJS.ErrnoException, url, place, {
      ...attempt,
      took: performance.now() - start,
    });
  }
}

/** Why there was no answer, and what to do: the name, the connection, the time, TLS or the protocol. */
function failure(
  { code = '', message, name, syscall }: NodeJS.ErrnoException,
  url: URL,
  place: string,
  { isConnected, took }: Attempt & { readonly took: number },
): Finding {
  const host = hostIn(url);
  const isLate = name === 'AbortError' || name === 'TimeoutError';
  if (syscall === 'getaddrinfo') {
    return fail(`the name ${host} cannot be resolved (${code})`, 'correct --validator or the DNS');
  }
  if (!isConnected) {
    const port = url.port || (url.protocol === 'https:' ? 443 : 80);
    const why = isLate ? `within ${duration(took)}` : `(${code})`;
    const text = `${host}:${port} cannot be reached ${why}`;
    return fail(text, 'start the web service, or open the firewall');
  }
  if (isLate) {
    return fail(
      `${place} does not answer within ${duration(took)}: clients are refused with validation-failed`,
      'look at the log of the web service, or raise --validator-timeout',
    );
  }
  const isTls = /CERT|SSL|TLS|SIGNATURE|ALTNAME/.test(code);
  const fix = isTls
    ? 'renew its certificate, or trust its authority with NODE_EXTRA_CA_CERTS=ca.pem'
    : 'look at the log of the web service';
  return fail(`${place}: ${message}`, fix);
}

interface Attempt {
  isConnected: boolean;
}

/** A request that changes nothing. The user and the password of the URL are left out. */
function head(
  { protocol, host, pathname }: URL,
  signal: AbortSignal,
  attempt: Attempt,
): Promise<IncomingMessage> {
  const target = new URL(`${protocol}//${host}${pathname}`);
  return new Promise((resolve, reject) => {
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { 'user-agent': 'ixgate doctor' };
    const request = send(target, { method: 'HEAD', agent: false, headers, signal }, (response) => {
      response.resume();
      resolve(response);
    });
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        attempt.isConnected = true;
      });
    });
    request.once('error', reject);
    request.end();
  });
}

/** The host without the brackets of an IPv6 address. */
function hostIn({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
