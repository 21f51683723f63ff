// The tools of the editor, 24 units square, in the colour of the text around them.
const SHAPES = {
  outline: "M4 8l8-4 8 6-4 10H7zM17 3v6M14 6h6",
  property: "M4 11l8-7 8 7v9H4zM10 20v-6h4v6",
  zone: "M4 6h12v9H4zM19 14v7M15.5 17.5h7",
  line: "M4 19L15 8M19 14v7M15.5 17.5h7",
  undo: "M9 14L4 9l5-5M4 9h9a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9h-9a6 6 0 0 0 0 12h3",
  closer: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20M10.5 7.5v6M7.5 10.5h6",
  farther: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20M7.5 10.5h6",
  whole: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  insert: "M4 12h16M12 8v8M12 4v.5M12 20v-.5",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  done: "M5 13l4 4L19 7",
  turn: "M7 7h11l-3-3M17 17H6l3 3",
} as const;

export type ToolName = keyof typeof SHAPES;

export function ToolIcon({ name }: { name: ToolName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
