/** Readers of members of untrusted JSON. They return undefined when a member is missing or of another type. */

const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function memberOf(value: unknown, name: string): unknown {
  const holds = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return holds ? Reflect.get(value, name) : undefined;
}

export function textIn(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === "string" ? member : undefined;
}

/** Returns a whole number from 0 on: the API has no others. */
export function numberIn(value: unknown, name: string): number | undefined {
  const member = memberOf(value, name);
  return typeof member === "number" && Number.isSafeInteger(member) && member >= 0 ? member : undefined;
}

export function flagIn(value: unknown, name: string): boolean | undefined {
  const member = memberOf(value, name);
  return typeof member === "boolean" ? member : undefined;
}

/** Returns an RFC 3339 time in whole seconds since 1970 UTC. */
export function timeIn(value: unknown, name: string): number | undefined {
  const text = textIn(value, name) ?? "";
  const time = timeForm.test(text) ? Math.floor(Date.parse(text) / 1000) : NaN;
  return Number.isFinite(time) ? time : undefined;
}

export function listIn(value: unknown, name: string): readonly unknown[] | undefined {
  const member = memberOf(value, name);
  return Array.isArray(member) ? member : undefined;
}

/** Returns the member when it is one of the names. */
export function oneOf<Name extends string>(value: unknown, name: string, names: readonly Name[]): Name | undefined {
  const member = memberOf(value, name);
  return names.find((candidate) => candidate === member);
}
