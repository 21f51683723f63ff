// A few figures, each with its name.

/** `more` stands smaller beside the value; `wrong` marks what is not as it should be. */
export interface Figure {
  label: string;
  value: string;
  more?: string | undefined;
  wrong?: boolean | undefined;
}

export function Tile({ label, value, more, wrong }: Figure) {
  return (
    <div class={wrong ? "wrong" : undefined}>
      <dt>{label}</dt>
      <dd>
        <span>{value}</span>
        {more && <small>{` ${more}`}</small>}
      </dd>
    </div>
  );
}

export function Tiles({ id, figures }: { id?: string; figures: readonly Figure[] }) {
  return (
    <dl id={id} class="tiles">
      {figures.map((figure) => (
        <Tile key={figure.label} {...figure} />
      ))}
    </dl>
  );
}
