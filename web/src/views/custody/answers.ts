// The shapes of cases and of what is due, by the names that these screens use.
import type { components } from "../../camera/api";

type Shapes = components["schemas"];

export type Case = Shapes["CaseAnswer"];
export type AskerKind = Case["asker_kind"];
export type Due = Shapes["DueAnswer"];
export type Policy = Shapes["CustodyAnswer"];
