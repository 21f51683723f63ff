// Pictures come out of the camera's multipart answer whole, however the network cuts it.
import { expect, test } from "vitest";
import type { Stream } from "./http";
import { Parts } from "./live";

function answer(pictures: readonly string[]): Uint8Array {
  const parts = pictures.map(
    (picture, n) =>
      `--edgecam-picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\nX-Captured-Ms: ${1000 + n}\r\nX-Private: ${n % 2}\r\n\r\n${picture}\r\n`,
  );
  return new TextEncoder().encode(parts.join(""));
}

function readerOf(bytes: Uint8Array, pieceBytes: number): Stream["reader"] {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceBytes) controller.enqueue(bytes.slice(at, at + pieceBytes));
      controller.close();
    },
  });
  return stream.getReader();
}

test.each([1, 7, 100, 4096])("cut into pieces of %i bytes", async (pieceBytes) => {
  const pictures = ["first", "the second one, a little longer", "\r\n\r\nthird"];
  const parts = new Parts(readerOf(answer(pictures), pieceBytes));
  for (const [n, picture] of pictures.entries()) {
    const part = await parts.next();
    expect(await part?.jpeg.text()).toBe(picture);
    expect([part?.capturedMs, part?.isPrivate]).toEqual([1000 + n, n % 2 === 1]);
  }
  expect(await parts.next()).toBeNull();
});

test("a picture that was cut short is none", async () => {
  const whole = answer(["a picture"]);
  expect(await new Parts(readerOf(whole.subarray(0, whole.length - 6), 16)).next()).toBeNull();
});
