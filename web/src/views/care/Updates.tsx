// Which version runs, and how another one is put in.
import { ask } from "../../camera/http";
import { useEffect, useState } from "preact/hooks";
import { Card } from "../../pieces/Card";
import { Tiles } from "../../pieces/Tile";
import { say } from "../../words/words";

export function Updates({ id }: { id: string }) {
  const [version, setVersion] = useState("–");
  useEffect(() => {
    ask<{ version: string }>("/api/version").then(
      (told) => setVersion(told.version),
      () => {}, // the notice above says when the camera is away
    );
  }, []);
  return (
    <Card id={id} title={say("care.updates")}>
      <Tiles figures={[{ label: say("updates.version"), value: version }]} />
      <p class="hint">{say("updates.how")}</p>
    </Card>
  );
}
