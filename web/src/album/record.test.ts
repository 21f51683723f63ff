import { describe, expect, it } from "vitest";
import told from "../../../tests/vectors/album.json";
import { Damaged, fromBase64 } from "../opening/bytes";
import { readRecord } from "./record";

const bytes = (name: keyof typeof told) => fromBase64(told[name]);

describe("a record of the album", () => {
  it("is read as the camera wrote it", () => {
    const thumbnail = readRecord(bytes("thumbnail"));
    if (thumbnail.form !== "thumbnail") throw new Error("no thumbnail");
    expect([thumbnail.eventId, thumbnail.atMs, thumbnail.better]).toEqual(["6f0c1d", 1_795_255_200_123, false]);
    expect([thumbnail.part, thumbnail.box]).toEqual([
      [0.25, 0.5, 0.75, 1],
      [0.1, 0.2, 0.5, 0.9],
    ]);
    expect([...thumbnail.jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(readRecord(bytes("whole view"))).toMatchObject({ box: null, better: true });
    expect(readRecord(bytes("piece"))).toMatchObject({
      form: "piece",
      kinds: ["intrusion", "person"],
      zones: ["lawn"],
      events: ["6f0c1d"],
      durationMs: 1500,
      toMs: 1_795_255_207_400,
    });
  });

  it("is damaged when it is cut off anywhere in its head, or is something else", () => {
    const whole = bytes("piece");
    const headEnd = 16 + new DataView(whole.buffer).getUint32(12, true);
    for (let size = 0; size < headEnd; size++) expect(() => readRecord(whole.slice(0, size))).toThrow(Damaged);
    expect(() => readRecord(new Uint8Array(1000))).toThrow(Damaged);
    for (const at of [0, 8, 10]) {
      const changed = whole.slice();
      changed[at]! ^= 0xff;
      expect(() => readRecord(changed)).toThrow(Damaged);
    }
  });
});
