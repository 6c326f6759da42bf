/** What a token allows: each role may do what the one before may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

/** viewer reads; operator also retries, replays, pauses and resumes; admin also has tokens and the ages of secrets. */
export type Role = (typeof ROLES)[number];

export function mayAct(has: Role, needed: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needed);
}
