/**
 * Node's own warnings go to stderr as plain text, between the JSON lines of the log. One of them is harmless and would come
 * with every Kafka destination from Node 24 on: kafkajs sets a timer to a time that has passed, which Node takes as one
 * millisecond.
 */
const HARMLESS = new Set(['TimeoutNegativeWarning']);

/** Every other warning is printed as before. */
export function hideHarmlessWarnings(): void {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (!HARMLESS.has(warning.name)) for (const print of printers) print.call(process, warning);
  });
}
