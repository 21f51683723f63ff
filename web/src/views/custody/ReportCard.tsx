// After an emergency: what was done and why, for whoever has to answer for it.
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Form, type Given } from "../../pieces/Form";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { TextField } from "./TextField";
import { step } from "./told";
import { dueWords } from "./wording";

export function ReportCard({ one }: { one: Case }) {
  async function report(given: Given) {
    await step(one.case_id, "report", { text: given["text"] ?? "" });
    announce(say("step.reported"));
  }
  return (
    <Card id="report" title={say("report.title")}>
      <p class="told">{[say("report.text"), dueWords(one)].filter(Boolean).join(" ")}</p>
      <Form id="report-form" go={say("report.go")} onGive={report}>
        <TextField id="report-text" name="text" label={say("report.what")} required maxLength={2000} />
      </Form>
    </Card>
  );
}
