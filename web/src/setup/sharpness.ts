// How sharp a picture is: how much neighbouring pixels differ from what lies between their neighbours. Pure.

/** The variance of the Laplacian of the brightness, 0 for a plain picture; `pixels` are RGBA, row by row. */
export function sharpness(pixels: ArrayLike<number>, width: number, height: number): number {
  if (width < 3 || height < 3) return 0;
  const light = (x: number, y: number): number => {
    const at = (y * width + x) * 4;
    return 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
  };
  let [count, sum, squares] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const edge = 4 * light(x, y) - light(x - 1, y) - light(x + 1, y) - light(x, y - 1) - light(x, y + 1);
      count += 1;
      sum += edge;
      squares += edge * edge;
    }
  return squares / count - (sum / count) ** 2;
}

/** Follows a sharpness that trembles: the smoothed figure, and its share of the best that was seen, 0-1. */
export class Focus {
  #smooth = 0;
  #best = 0;

  add(figure: number): { figure: number; share: number } {
    this.#smooth = this.#smooth ? 0.7 * this.#smooth + 0.3 * figure : figure;
    this.#best = Math.max(this.#best, this.#smooth);
    return { figure: this.#smooth, share: this.#best ? this.#smooth / this.#best : 0 };
  }
}
