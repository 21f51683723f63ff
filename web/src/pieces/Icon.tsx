// Line drawings, 24 units square, in the colour of the text around them.
const SHAPES = {
  live: "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6.3 17.7a8 8 0 0 1 0-11.4M17.7 6.3a8 8 0 0 1 0 11.4",
  footage: "M3 8h18M3 16h18M6 4h12a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM10 10.5v3l3-1.5z",
  events: "M6 9a6 6 0 1 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 19.5a2.2 2.2 0 0 0 4 0",
  masks: "M4 6l7-2 9 4-2 11-10 1zM4 6l4 14M11 4l7 15",
  care: "M12 20s-8-4.6-8-10.4A4.6 4.6 0 0 1 12 7a4.6 4.6 0 0 1 8 2.6C20 15.4 12 20 12 20zM4.5 12.5h4l1.5-3 3 5 1.5-2h5",
  custody: "M6 3h9l4 4v14H6zM15 3v4h4M9.5 14.5l2 2 4-4.5",
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6 11h12v9H6z",
  person: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  close: "M6 6l12 12M18 6L6 18",
  next: "M9 5l7 7-7 7",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
  key: "M8 15a4 4 0 1 1 3.5-6H21v4h-3v3h-4v-3h-2.5A4 4 0 0 1 8 15z",
} as const;

export type IconName = keyof typeof SHAPES;

/** Decoration: what it means is said beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
