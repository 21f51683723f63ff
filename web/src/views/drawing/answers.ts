// The shapes of what the camera answers about drawings.
import type { Drawing, DrawnOn } from "../../drawing/maskdrawing";
import type { Kind, Table } from "../../drawing/ruletables";

export interface Draft {
  state: "none" | "draft" | "proposed" | "confirmed" | "locked";
  tag: string;
  drawing: Drawing;
  in_force: Drawing | null;
  version: number;
  proposed: { by: string; at_ms: number; version: number } | null;
  picture: DrawnOn | null;
  fits: boolean;
  two_people: boolean;
  may: string[];
  trouble: string;
}

/** `rectangles` are left, top, width and height in pixels of the recorded picture. */
export interface Cover {
  width: number;
  height: number;
  rectangles: [number, number, number, number][];
  share: number;
}

export interface Rules {
  tag: string;
  zone: Table[];
  line: Table[];
  rule: Table[];
  wrong: string[];
  kinds: Kind[];
  timezone: string;
  usual_sensitivity: number;
  usual_count: number;
  most_points: number;
  most_tables: number;
}
