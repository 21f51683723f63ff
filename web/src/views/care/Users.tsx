// Who may use the page: the owner makes, changes and removes accounts.
import { useState } from "preact/hooks";
import type { Account } from "../../camera/answers";
import { useListed } from "../../camera/listed";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Listed } from "../../pieces/Listed";
import { dayAndTime, say } from "../../words/words";
import { ChangeUser } from "./ChangeUser";
import { NewUser } from "./NewUser";

export function Users({ id }: { id: string }) {
  const { items, failed, renew } = useListed<Account[]>("/api/accounts");
  const [shown, setShown] = useState<"new" | Account | null>(null);
  const leave = () => setShown(null);
  const done = async () => {
    leave();
    await renew();
  };
  return (
    <Card
      id={id}
      title={say("care.users")}
      head={
        <Button id="user-open" onPress={() => setShown("new")}>
          {say("user.new")}
        </Button>
      }
    >
      <Listed items={items} failed={failed} none="" />
      <ul class="lines" id="users-list">
        {items?.map((account) => (
          <li key={account.name} class="row">
            <div>
              <p>
                <strong>{account.name}</strong>
                <span class="hint">{` · ${say(`role.${account.role}`)}`}</span>
              </p>
              <p class={account.trouble ? "refusal" : "hint"}>{about(account)}</p>
            </div>
            {account.role !== "owner" && (
              <Button label={say("user.change_named", { name: account.name })} onPress={() => setShown(account)}>
                {say("user.change")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {shown === "new" && <NewUser onDone={done} onClose={leave} />}
      {shown && shown !== "new" && <ChangeUser account={shown} onDone={done} onClose={leave} />}
    </Card>
  );
}

function about(account: Account): string {
  if (account.disabled) return say("user.off");
  const until = account.until_ms === null ? "" : say(account.trouble ? "user.over" : "user.until", { time: dayAndTime(account.until_ms) });
  const keys = account.passkeys ? say("user.passkeys", { n: account.passkeys }) : say("user.passphrase_only");
  return [until, keys].filter(Boolean).join(" · ");
}
