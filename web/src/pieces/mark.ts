// The mark that names the viewer and the moment, drawn into the pixels of a picture.

/** Part of the pixels, so that a saved or photographed picture still names who looked, and when; `scale` is canvas pixels a CSS pixel. */
export function drawMark(context: CanvasRenderingContext2D, text: string, scale: number): void {
  const size = 13 * scale;
  context.font = `500 ${size}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + size * 1.4;
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.beginPath();
  context.roundRect(size * 0.8, size * 0.8, width, size * 1.9, size * 0.5);
  context.fill();
  context.fillStyle = "#fff";
  context.fillText(text, size * 1.5, size * 1.8);
}

/**
 * Draw `picture` over the whole of `canvas`, which takes on its shape and the sharpness of the screen, and its mark.
 * `frame` is the element around the canvas; its shape follows too.
 */
export function drawPicture(canvas: HTMLCanvasElement, frame: HTMLElement, picture: ImageBitmap, mark: string): void {
  const shown = Math.max(1, frame.clientWidth);
  const width = Math.max(picture.width, Math.round(shown * devicePixelRatio));
  const height = Math.round((width * picture.height) / picture.width);
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, { width, height });
    frame.style.aspectRatio = `${picture.width} / ${picture.height}`;
  }
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  drawMark(context, mark, width / shown);
}
