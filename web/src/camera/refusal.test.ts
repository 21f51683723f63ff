// What the camera refused is said in the reader's language, with what the camera named.
import { beforeEach, expect, test } from "vitest";
import { speak } from "../words/words";
import { Refusal, sentence } from "./refusal";

const refused = (what: string, act = "") => sentence(new Refusal("BadInput", what, { act }));

beforeEach(async () => {
  (globalThis as { document?: unknown }).document ??= { documentElement: {} };
  await speak("ja");
});

test("a sentence that is known is said in the reader's language", () => {
  expect(refused("this is no certificate")).toBe("これは証明書（PEM）ではありません。");
});

test("what the camera named is said along, without Python's quotes", () => {
  expect(refused("there is an account called 'sato' already")).toBe("satoというアカウントはすでにあります。");
  expect(refused("that footage takes 30 MiB, and of the 20 MiB for holds 5 MiB are taken")).toContain("30 MiB");
  expect(refused("the sign has to say 'contact' (連絡先), and nobody told it")).toBe("表示には「連絡先」が必要です。先に入力してください。");
});

test("a sentence that has dots and brackets is no pattern for others", () => {
  expect(refused("body.host: String should match pattern")).toBe("このままでは使えません。");
  expect(refused("bodyxhost: String")).toContain("カメラの返答");
});

test("what nobody translated is said to be the camera's own words", async () => {
  expect(refused("the sky is green", "look up")).toBe("カメラの返答（英語）：the sky is green; look up");
  await speak("en");
  expect(refused("the sky is green", "look up")).toBe("the sky is green; look up");
});
