// Who answers for the camera, and why it is there: what the sign and the forms will say.
import { useEffect, useState } from "preact/hooks";
import { ask, tell } from "../camera/http";
import { Busy } from "../pieces/Busy";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { say } from "../words/words";
import { Page } from "./Page";
import { renew, showNext } from "./told";

const FIELDS = ["owner", "purpose", "place", "area", "responsible", "contact", "delegate"] as const;
export type NoticeText = Record<(typeof FIELDS)[number], string>;
const LONGEST = 120;

export function NoticeStep() {
  return (
    <Page step="notice" later={say("setup.later")}>
      <p>{say("setup.notice_text")}</p>
      <NoticeForm
        go={say("setup.go_on")}
        onKept={async () => {
          await renew();
          showNext("notice");
        }}
      />
    </Page>
  );
}

/** The form alone, for the first run and for later. */
export function NoticeForm({ go, onKept }: { go: string; onKept: () => Promise<void> }) {
  const [told, setTold] = useState<NoticeText | null>(null);
  useEffect(() => {
    ask<NoticeText>("/api/setup/notice").then(setTold, () => setTold(Object.fromEntries(FIELDS.map((name) => [name, ""])) as NoticeText));
  }, []);
  if (!told) return <Busy>{say("loading")}</Busy>;
  async function keep(given: Given) {
    await tell("/api/setup/notice", Object.fromEntries(FIELDS.map((name) => [name, given[name] ?? ""])), "PUT");
    await onKept();
  }
  return (
    <Form id="setup-notice-form" go={go} onGive={keep}>
      {FIELDS.map((name) => (
        <Field
          key={name}
          id={`setup-notice-${name}`}
          name={name}
          label={say(`notice.${name}`)}
          hint={say(`notice.${name}_hint`)}
          autocomplete="off"
          required={name !== "delegate" && name !== "place"}
          maxLength={LONGEST}
          defaultValue={told[name]}
        />
      ))}
    </Form>
  );
}
