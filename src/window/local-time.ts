/** The partition's local clock as text and as milliseconds without zone: good for distances and comparisons, never for UTC. */

export function toMs(local: string): number {
  const ms = Date.parse(`${local.slice(0, 10)}T${local.slice(11, 19) || '00:00:00'}Z`);
  return ms + Math.floor(Number(`0.${local.slice(20) || '0'}`) * 1000);
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`. */
export function fromMs(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000`;
}
