// Every screen of the page, in the order of its navigation. A new one is a line here, and a file that it names.
import type { ComponentType } from "preact";
import type { Role } from "../camera/signedin";
import type { IconName } from "../pieces/Icon";
import { later } from "../pieces/later";
import Home from "./Home";

export interface View {
  /** What stands after # in the address. */
  path: string;
  /** The word that names it. */
  word: string;
  /** Screens with one stand in the navigation. */
  icon?: IconName;
  roles: readonly Role[];
  screen: ComponentType<object>;
}

const EVERYBODY: readonly Role[] = ["owner", "operator", "installer"];
const WATCHERS: readonly Role[] = ["owner", "operator"];

export const views: readonly View[] = [
  { path: "/", word: "nav.live", icon: "live", roles: EVERYBODY, screen: Home },
  { path: "/footage", word: "nav.footage", icon: "footage", roles: WATCHERS, screen: later(() => import("./Footage")) },
  { path: "/events", word: "nav.events", icon: "events", roles: WATCHERS, screen: later(() => import("./Events")) },
  { path: "/digest", word: "digest", roles: WATCHERS, screen: later(() => import("./Digest")) },
  { path: "/custody", word: "nav.custody", icon: "custody", roles: WATCHERS, screen: later(() => import("./custody/Custody")) },
  { path: "/masks", word: "nav.masks", icon: "masks", roles: EVERYBODY, screen: later(() => import("./Masks")) },
  { path: "/care", word: "nav.care", icon: "care", roles: EVERYBODY, screen: later(() => import("./Care")) },
  { path: "/setup", word: "nav.setup", roles: ["owner"], screen: later(() => import("./Setup")) },
];

/** Shown to a camera without an owner, before anybody can sign in: one line, like those above. */
export const setup: ComponentType<object> | null = later(() => import("./Setup"));
