// A client as its author would write it. It is never run: gates.sh generates
// ./schema from openapi.json and compiles both strictly, so a document that gives
// poor types fails here.
import type { components, paths } from "./schema";

type Stakeholder = components["schemas"]["Stakeholder"];
type StakeholderPage = components["schemas"]["StakeholderPage"];
type Problem = components["schemas"]["ProblemDetails"];

// Same fails to compile when two types differ, "any" included.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

// Members of an answer are always there: no "undefined" to reckon with.
holds<Same<Stakeholder["id"], string>>();
holds<Same<Stakeholder["ref"], string>>();
holds<Same<Stakeholder["version"], number>>();

// No value is null, and the types say so.
holds<null extends StakeholderPage["page"]["next_cursor"] ? true : false>();

// The paths are relative to the server's /api/v1.
holds<paths["/stakeholders"] extends { get: unknown; post: unknown } ? true : false>();
holds<paths["/stakeholders/{id}"] extends { get: unknown; patch: unknown } ? true : false>();

/** Walks through every stakeholder, a page at a time. */
export async function* everyone(call: (path: string) => Promise<Response>): AsyncGenerator<Stakeholder> {
  let path: string | null = "/stakeholders?limit=200";
  while (path !== null) {
    const response = await call(path);
    if (!response.ok) throw new Error(explain((await response.json()) as Problem));
    const body = (await response.json()) as StakeholderPage;
    yield* body.data;
    const cursor = body.page.next_cursor;
    path = cursor === null ? null : `/stakeholders?limit=200&cursor=${encodeURIComponent(cursor)}`;
  }
}

/** Says in one line what went wrong. */
export function explain(problem: Problem): string {
  return `${problem.status} ${problem.title}: ${problem.detail ?? problem.type}`;
}

/** Labels a stakeholder as people do: "STK-7 Riverside Residents". */
export function label(stakeholder: Stakeholder): string {
  return `${stakeholder.ref} ${stakeholder.name}`;
}
