// All sentences of one language: every area's file in its folder.
const areas = import.meta.glob<Record<string, string>>("./ja/*.json", { eager: true, import: "default" });

export const words: Record<string, string> = Object.assign({}, ...Object.values(areas));
