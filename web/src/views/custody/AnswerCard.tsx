// What was answered to a complaint; with it the case is over.
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Form, type Given } from "../../pieces/Form";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { TextField } from "./TextField";
import { step } from "./told";

export function AnswerCard({ one }: { one: Case }) {
  async function answer(given: Given) {
    await step(one.case_id, "answer", { text: given["text"] ?? "" });
    announce(say("step.answered"));
  }
  return (
    <Card id="answer" title={say("answer.title")}>
      <Form id="answer-form" go={say("answer.go")} onGive={answer}>
        <TextField id="answer-text" name="text" label={say("answer.what")} required maxLength={2000} />
      </Form>
    </Card>
  );
}
