/** An SVG drawing as a PNG, by the browser's own hand. */

/** A canvas has a limit in every browser; 16 million pixels is below all of them. */
const mostPixels = 16_000_000;

/**
 * @param svg standalone: it may load nothing.
 * @param scale pixels for one unit of the drawing; less where the picture would be too large.
 */
export async function pngOf(svg: string, scale = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const fitting = Math.min(scale, Math.sqrt(mostPixels / (width * height)));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * fitting);
    canvas.height = Math.round(height * fitting);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error(`the browser made no picture of ${canvas.width} x ${canvas.height}`);
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
