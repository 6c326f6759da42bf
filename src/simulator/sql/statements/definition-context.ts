import type { JobNames } from '../compile/names';
import type { Work } from '../rows/work';
import type { TokenStream } from '../text/token-stream';

export interface DefinitionContext {
  readonly work: Work;
  readonly names: JobNames;
  readonly s: TokenStream;
}
