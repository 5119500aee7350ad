/** Converts an SVG drawing to PNG in the browser. */

/** Every browser limits the size of a canvas; 16 million pixels are below all limits. */
const maxPixels = 16_000_000;

/**
 * @param svg a standalone drawing that loads nothing.
 * @param scale pixels per unit of the drawing; reduced if the picture would be too large.
 */
export async function pngOf(svg: string, scale = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const fitting = Math.min(scale, Math.sqrt(maxPixels / (width * height)));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * fitting);
    canvas.height = Math.round(height * fitting);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob)
      throw new Error(
        `the browser cannot create a picture of ${canvas.width} x ${canvas.height} pixels`,
      );
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
