import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { duration } from '../../../machines/text/format.js';
import { isLoopback } from '../../net/hosts.js';
import { withoutPassword } from '../../validators/webhook.js';
import { type Check, type Finding, fail, ok, warn } from '../check.js';

export const webService: Check = {
  id: 'web-service',
  title: 'Web service',
  description:
    'the web service of --validator: its name, the connection, TLS, and the time of an answer. The check sends a HEAD request without credentials and without data of clients',
  async run({ loaded: { config }, signal }) {
    if (config.validator === undefined) return [];
    const url = new URL(config.validator);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const place = withoutPassword(`${url.origin}${url.pathname}`);
    const plain = url.protocol === 'http:' && !isLoopback(host);
    const findings: Finding[] = plain
      ? [warn(`${place} is not encrypted: names of clients pass in the clear`, 'use https')]
      : [];
    const reached = (await addressFinding(host)) ?? (await portFinding(url, host, signal));
    const finding = reached ?? (await answerFinding(url, place, config.validatorTimeout, signal));
    return [finding, ...findings];
  },
};

async function addressFinding(host: string): Promise<Finding | null> {
  try {
    await lookup(host);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(`the name ${host} cannot be resolved (${code})`, 'correct --validator or the DNS');
  }
}

function portFinding(url: URL, host: string, signal: AbortSignal): Promise<Finding | null> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', ({ code, name }: NodeJS.ErrnoException) => {
      const problem = name === 'AbortError' ? 'no answer' : code;
      const text = `${host}:${port} cannot be reached (${problem})`;
      resolve(fail(text, 'start the web service, or open the firewall'));
    });
  });
}

async function answerFinding(
  url: URL,
  place: string,
  timeout: number,
  signal: AbortSignal,
): Promise<Finding> {
  const start = performance.now();
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const { statusCode = 0 } = await head(url, limit);
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
    const { code, message, name } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || name === 'TimeoutError') {
      return fail(
        `${place} does not answer within ${duration(performance.now() - start)}: clients are refused with validation-failed`,
        'look at the log of the web service, or raise --validator-timeout',
      );
    }
    const isTls = /CERT|SSL|TLS|SIGNATURE|ALTNAME/.test(code ?? '');
    const fix = isTls
      ? 'renew its certificate, or trust its authority with NODE_EXTRA_CA_CERTS=ca.pem'
      : 'look at the log of the web service';
    return fail(`${place}: ${message}`, fix);
  }
}

/** A request that changes nothing. The user and the password of the URL are left out. */
function head({ protocol, host, pathname }: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const target = new URL(`${protocol}//${host}${pathname}`);
  return new Promise((resolve, reject) => {
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { 'user-agent': 'ixgate doctor' };
    const request = send(target, { method: 'HEAD', agent: false, headers, signal }, (response) => {
      response.resume();
      resolve(response);
    });
    request.once('error', reject);
    request.end();
  });
}
