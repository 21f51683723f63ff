// Which screen is shown: the part of the address after #, so that the camera is not asked and "back" works.
import { useWatched, Watched } from "./camera/watched";

/** `path` begins with "/"; `query` is what stands after its "?". */
export interface Route {
  path: string;
  query: URLSearchParams;
}

const route = new Watched<Route>(read());
addEventListener("hashchange", () => route.set(read()));

/** The route now, in a component that is drawn again with it. */
export const useRoute = (): Route => useWatched(route);

/** The address of a screen, for a link. */
export function link(path: string, query: Record<string, string | number> = {}): string {
  const more = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  return `#${path}${more && `?${more}`}`;
}

/** Show another screen; `replace` leaves no way back to this one. */
export function go(path: string, query: Record<string, string | number> = {}, replace = false): void {
  if (!replace) location.hash = link(path, query);
  else {
    history.replaceState(null, "", link(path, query));
    route.set(read());
  }
}

function read(): Route {
  const [path = "", query = ""] = location.hash.slice(1).split("?");
  return { path: path.startsWith("/") ? path : "/", query: new URLSearchParams(query) };
}
