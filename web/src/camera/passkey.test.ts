// What the camera tells of passkeys becomes what browsers take: bytes where there were letters, names left alone.
import { expect, test } from "vitest";
import { fromJson } from "./passkey";

test("challenge and ids become bytes, the page's name stays text", () => {
  const told = {
    challenge: "AQID",
    rp: { name: "Front door", id: "camera.local" },
    user: { id: "_w", name: "owner", displayName: "owner" },
    excludeCredentials: [{ id: "CQ", type: "public-key", transports: ["internal"] }],
    rpId: "camera.local",
    timeout: 60_000,
  };
  expect(fromJson(told)).toEqual({
    ...told,
    challenge: Uint8Array.of(1, 2, 3),
    user: { ...told.user, id: Uint8Array.of(255) },
    excludeCredentials: [{ id: Uint8Array.of(9), type: "public-key", transports: ["internal"] }],
  });
});
