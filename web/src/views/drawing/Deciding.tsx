// What only a person who proves again who they are may do: confirm, lock, take back.
import { tell } from "../../camera/http";
import { welcome, type Visitor } from "../../camera/signedin";
import { signInSecret } from "../../camera/signinsecret";
import { NO_SHEET } from "../../drawing/sheet";
import { sheetOfDrawing } from "../../drawing/maskdrawing";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Notice } from "../../pieces/Notice";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import type { Draft } from "./answers";
import { Geometry } from "./Geometry";
import { maskBoard } from "./MaskEditor";

export type Act = "confirm" | "lock" | "withdraw";

interface DecidingProps {
  act: Act;
  draft: Draft;
  who: Visitor;
  aspect: number;
  onDone: () => void;
  onClose: () => void;
}

export function Deciding({ act, draft, who, aspect, onDone, onClose }: DecidingProps) {
  async function give(given: Given) {
    const secret = await signInSecret(given["passphrase"] ?? "", welcome.value?.camera_id ?? "", who.name);
    const answer = await tell<Draft>(`/api/masks/${act}`, { tag: draft.tag, secret });
    await maskBoard.act(() => Promise.resolve(answer));
    onDone();
  }
  const before = draft.in_force ? sheetOfDrawing(draft.in_force) : NO_SHEET;
  return (
    <Sheet id={`mask-${act}-sheet`} wide={act === "confirm"} title={say(`mask_act.${act}.title`)} onClose={onClose}>
      <p>{say(`mask_act.${act}.text`)}</p>
      {act === "confirm" && <Geometry before={before} after={sheetOfDrawing(draft.drawing)} aspect={aspect} />}
      {act === "confirm" && draft.two_people && <Notice>{say("locked_at_once")}</Notice>}
      <Form id={`mask-${act}-form`} go={say(`mask_act.${act}.go`)} kind={act === "lock" ? "grave" : "main"} onGive={give} onCancel={onClose}>
        <Field id={`mask-${act}-passphrase`} name="passphrase" label={say("own_passphrase")} type="password" autocomplete="current-password" required maxLength={1024} />
      </Form>
    </Sheet>
  );
}
