import type { OtlpExport } from '../opentelemetry/otlp.js';
import { IxgateError } from '../runtime/errors.js';
import { otlpPackages } from '../runtime/otlp-packages.js';
import type { GateLog } from './log.js';

/** A package that `--otlp` needs is not installed. */
export class OtlpMissingError extends IxgateError {
  override readonly name = 'OtlpMissingError';
  constructor(missing: string) {
    const packages = Object.entries(otlpPackages).map(([name, version]) => `${name}@${version}`);
    const command = `npm install ${packages.join(' ')}`;
    super('OTLP_MISSING', `--otlp: ${missing} is not installed. Install it: ${command}`);
  }
}

/**
 * Opens the exporters of `--otlp`. Problems are logged once while they last.
 * @throws {OtlpMissingError}
 */
export async function openTelemetry(
  endpoint: string,
  log: Pick<GateLog, 'once'>,
  load: () => Promise<{ readonly OtlpExport: typeof OtlpExport }> = () =>
    import('../opentelemetry/otlp.js'),
): Promise<OtlpExport> {
  const { OtlpExport } = await load().catch((cause: unknown) => {
    throw missingOf(cause) ?? cause;
  });
  return new OtlpExport(endpoint, (text) => {
    log.once('otlp', `OpenTelemetry (${endpoint}): ${summary(text)}`, { event: 'otlp-failed' });
  });
}

function missingOf(cause: unknown): OtlpMissingError | null {
  const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
  const [, name] = /package '(@opentelemetry\/[^']+)'/.exec(String(message)) ?? [];
  return code === 'ERR_MODULE_NOT_FOUND' && name !== undefined ? new OtlpMissingError(name) : null;
}

/** OpenTelemetry reports an error as JSON with its stack. */
function summary(text: string): string {
  try {
    const { message, name } = JSON.parse(text) as { message?: unknown; name?: unknown };
    return String(message || name);
  } catch {
    return text.split('\n')[0] ?? text;
  }
}
