// A QR code as the path of an SVG picture.
import { encode } from "uqr";

/** `d` draws the dark squares in a picture of `size` units square, its quiet edge included. */
export function qrPath(text: string): { d: string; size: number } {
  const code = encode(text, { ecc: "Q", border: 4 });
  const d = code.data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return { d, size: code.size };
}
