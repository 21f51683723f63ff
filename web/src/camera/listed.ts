// A list of the camera's that a card shows and changes: asked for when it is shown, and again after each change.
import { useEffect, useState } from "preact/hooks";
import { ask } from "./http";
import { sentence } from "./refusal";

/** `items` is `undefined` until they came; `failed` is why they did not; `renew` asks again. */
export function useListed<T>(path: string): { items: T | undefined; failed: string; renew: () => Promise<void> } {
  const [items, setItems] = useState<T>();
  const [failed, setFailed] = useState("");
  async function renew() {
    try {
      setItems(await ask<T>(path));
      setFailed("");
    } catch (error) {
      setFailed(sentence(error));
    }
  }
  useEffect(() => void renew(), [path]);
  return { items, failed, renew };
}
