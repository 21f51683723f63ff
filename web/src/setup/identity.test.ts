import { expect, it } from "vitest";
import { makeOwner, secretIn } from "./identity";
import { isSecret } from "./kit";

it("makes an owner whose secret only the passphrase opens, on every keyboard", async () => {
  const owner = await makeOwner("ｓｅｖｅｎ blue herons 鷺");
  expect(isSecret(owner.secret)).toBe(true);
  expect(owner.recipient).toMatch(/^age1[02-9ac-hj-np-z]{58}$/);
  expect(new TextDecoder().decode(owner.locked)).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/);
  expect(new TextDecoder().decode(owner.locked)).not.toContain(owner.secret);
  expect(await secretIn(owner.locked, "seven blue herons 鷺")).toBe(owner.secret);
  expect(await secretIn(owner.locked, "seven blue herons")).toBeNull();
}, 60_000);
