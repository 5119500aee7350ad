/** Pictures as PNG, rendered by the optional package @resvg/resvg-js, without a browser. */
import type { Resvg } from '@resvg/resvg-js';
import { IxgateError, toError } from '../runtime/errors.js';

/** Maximum number of pixels; each takes four bytes while the picture is made. */
const maxPixels = 100_000_000;

/** Where families of the drawing are missing. Other systems have the default of the package, Arial. */
const family = process.platform === 'linux' ? 'DejaVu Sans' : 'Arial';

/** A text without a font is empty. */
const probe =
  '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="20"><text x="5" y="15">M</text></svg>';

/** A PNG cannot be made. `BAD_OPTION`: it would have too many pixels. */
export class PngError extends IxgateError {
  override readonly name = 'PngError';
  declare readonly code: 'BAD_OPTION' | 'FONT_MISSING' | 'RESVG_MISSING';

  constructor(code: PngError['code'], message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

export interface PngOptions {
  /** Pixels per CSS pixel of the drawing; more than 0. */
  readonly scale: number;
  /** Whether to use the fonts of the system. @default true */
  readonly loadSystemFonts?: boolean;
}

/**
 * An SVG as a PNG file.
 * @throws {PngError}
 */
export async function pngOf(svg: string, options: PngOptions): Promise<Uint8Array> {
  const { scale, loadSystemFonts = true } = options;
  const Renderer = await loadRenderer();
  const font = { loadSystemFonts, defaultFontFamily: family, sansSerifFamily: family };
  if (new Renderer(probe, { font, logLevel: 'off' }).innerBBox() === undefined) {
    throw new PngError(
      'FONT_MISSING',
      'no font is installed, so a PNG would have no text. Install one, e.g. apt-get install fonts-dejavu-core, or write an SVG',
    );
  }
  const image = new Renderer(svg, { font, fitTo: { mode: 'zoom', value: scale }, logLevel: 'off' });
  const pixels = Math.ceil(image.width * scale) * Math.ceil(image.height * scale);
  if (pixels > maxPixels) {
    throw new PngError(
      'BAD_OPTION',
      `the PNG would have ${Math.round(pixels / 1e6)} million pixels; allowed are ${maxPixels / 1e6}. Use a smaller --scale, or write an SVG`,
    );
  }
  return image.render().asPng();
}

async function loadRenderer(): Promise<typeof Resvg> {
  try {
    return (await import('@resvg/resvg-js')).Resvg;
  } catch (cause) {
    const problem = '@resvg/resvg-js is not installed. Install it: npm install @resvg/resvg-js@2';
    throw new PngError('RESVG_MISSING', problem, { cause: toError(cause) });
  }
}
