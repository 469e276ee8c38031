import type { Config } from "../../api/index.js";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const lifetimes = [5 * minute, 15 * minute, hour, 4 * hour, day, 3 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day];
const counts = [1, 2, 3, 5, 10, 20, 50, 100];

/** The limits of a server for lifetime and views. */
export type Limits = Pick<Config, "min_ttl" | "default_ttl" | "max_ttl" | "max_views">;

/** The limits to offer until those of the server are known. */
export const usual: Limits = { min_ttl: 5 * minute, default_ttl: day, max_ttl: 30 * day, max_views: 100 };

/** Returns the lifetimes to choose from in seconds, with the limits and the default of the server. */
export function lifetimesOf({ min_ttl, default_ttl, max_ttl }: Limits): readonly number[] {
  return ordered([min_ttl, default_ttl, max_ttl, ...lifetimes], min_ttl, max_ttl);
}

/** Returns the numbers of views to choose from. */
export function viewsOf({ max_views }: Limits): readonly number[] {
  return ordered([max_views, ...counts], 1, max_views);
}

/** Returns the choice if it is available, else the default. */
export function among(choices: readonly number[], choice: number | undefined, otherwise: number): number {
  return choice !== undefined && choices.includes(choice) ? choice : otherwise;
}

/** Returns the terms of a form within the limits. A choice made before the limits were known may be outside. */
export function termsOf(form: { readonly ttl?: number; readonly views?: number }, limits: Limits): { ttl: number; views: number } {
  return {
    ttl: among(lifetimesOf(limits), form.ttl, limits.default_ttl),
    views: among(viewsOf(limits), form.views, 1),
  };
}

function ordered(values: readonly number[], least: number, most: number): readonly number[] {
  return [...new Set(values)].filter((value) => value >= least && value <= most).sort((a, b) => a - b);
}
