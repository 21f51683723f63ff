// What stands in a card while its list is on its way, cannot be had, or is empty.
import { say } from "../words/words";
import { Busy } from "./Busy";
import { Empty } from "./Empty";

interface ListedProps {
  items: readonly unknown[] | undefined;
  failed: string;
  /** Said when there is nothing in it. */
  none: string;
}

export function Listed({ items, failed, none }: ListedProps) {
  if (failed)
    return (
      <p class="refusal" role="alert">
        {failed}
      </p>
    );
  if (!items) return <Busy>{say("loading")}</Busy>;
  return items.length === 0 ? <Empty>{none}</Empty> : null;
}
