/** Results of a command: its model, as one line of JSON or as text. */
import { exactText } from '../model/exact-json';
import type { CliIo } from './io';

/** @param text what a person reads, made of the model alone */
export function print<M>(io: CliIo, { json }: { readonly json: boolean }, model: M, text: (model: M) => string): void {
  io.stdout.write(json ? `${exactText(model)}\n` : text(model));
}
