// The same secret comes out of the same passphrase here and on the command line.
import { expect, test } from "vitest";
import vectors from "../../../tests/vectors/sign_in_secret.json";
import { base64url, fromBase64url, signInSecret } from "./signinsecret";

test.each(vectors)("the secret of $name", async ({ passphrase, camera_id, name, secret }) => {
  expect(await signInSecret(passphrase, camera_id, name)).toBe(secret);
});

test("a passphrase counts in one form, however it was typed", async () => {
  expect(await signInSecret("Ａ１", "c", "n")).toBe(await signInSecret("A1", "c", "n"));
});

test("base64url is read back as it was written", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 89 + length * 7) % 256);
    expect(base64url(bytes)).toMatch(/^[\w-]*$/);
    expect(fromBase64url(base64url(bytes))).toEqual(bytes);
  }
});
