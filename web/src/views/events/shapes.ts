// A drawn sign for each kind of event, 24 units square.
const MOTION = "M3 12h3l2.5-6 4 12 3-8 1.5 2h4";
const PERSON = "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6";
const VEHICLE = "M3 16v-4l2.5-5h11L21 12v4zM3 12h18M7 16v2M17 16v2";
const LINE = "M12 3v18M4 12h12M12 8l4 4-4 4";
const WARNING = "M12 4l9 16H3zM12 10v4M12 17v.5";
const SHAPES: Record<string, string> = {
  person: PERSON,
  loitering: PERSON,
  crowding: PERSON,
  fall: PERSON,
  vehicle: VEHICLE,
  parked_vehicle: VEHICLE,
  bicycle: "M6 18a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 18a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 15l4-7h5l3 7M10 8l3 7",
  line_crossing: LINE,
  counting: LINE,
  doorway: "M7 21V4h10v17M4 21h16M14 12v1",
  intrusion: WARNING,
  unusual: WARNING,
  dumping: "M6 8h12l-1 12H7zM9 8V5h6v3",
  abandoned_object: "M6 8h12l-1 12H7zM9 8V5h6v3",
  removed_object: "M6 8h12l-1 12H7zM9 8V5h6v3",
  covered: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM4 4l16 16",
  moved: "M4 12h16M4 12l4-4M4 12l4 4M20 12l-4-4M20 12l-4 4",
};

export const shapeOf = (kind: string): string => SHAPES[kind] ?? MOTION;
