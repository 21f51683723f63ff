// Which version runs, until when it is kept secure, and how another one is put in.
import type { Version } from "../../camera/answers";
import { ask } from "../../camera/http";
import { useEffect, useState } from "preact/hooks";
import { Card } from "../../pieces/Card";
import { Tiles } from "../../pieces/Tile";
import { say } from "../../words/words";

export function Updates({ id }: { id: string }) {
  const [told, setTold] = useState<Version | null>(null);
  useEffect(() => {
    ask<Version>("/api/version").then(setTold, () => {}); // the notice above says when the camera is away
  }, []);
  return (
    <Card id={id} title={say("care.updates")}>
      <Tiles
        figures={[
          { label: say("updates.version"), value: told?.version ?? "–" },
          ...(told?.supported_until ? [{ label: say("updates.until"), value: told.supported_until }] : []),
        ]}
      />
      {told?.security_contact && (
        <p class="hint">{say("updates.report", { contact: told.security_contact.replace(/^(mailto|tel):/, "") })}</p>
      )}
      <p class="hint">{say("updates.how")}</p>
    </Card>
  );
}
