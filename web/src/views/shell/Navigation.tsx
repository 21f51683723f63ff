// The way between screens: a bar at the thumb on phones, a row under the head elsewhere.
import { Icon } from "../../pieces/Icon";
import { link } from "../../route";
import { say } from "../../words/words";
import type { View } from "../index";

export function Navigation({ views, path }: { views: readonly View[]; path: string }) {
  return (
    <nav class="navigation" aria-label={say("navigation")}>
      <ul>
        {views.map((view) => (
          <li key={view.path}>
            <a href={link(view.path)} aria-current={view.path === path ? "page" : undefined}>
              {view.icon && <Icon name={view.icon} />}
              <span>{say(view.word)}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
