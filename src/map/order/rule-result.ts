import type { ErrorCode } from '../../errors/codes';
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import type { FieldError } from '../../model/record-format';
import type { Disposition } from '../../record/field-errors';
import type { ParentNews } from './parents';

/** `errors`: fields that could not be decoded. */
export type RuleResult =
  | {
      readonly is: 'mapped';
      readonly events: readonly EventDraft[];
      readonly news: readonly ParentNews[];
      readonly errors: readonly FieldError[];
      /** True if a transition was reported. */
      readonly steps?: boolean;
      /** Key text of the row before an update that changed its key. */
      readonly formerKey?: string;
    }
  | { readonly is: 'filtered'; readonly by: string }
  | {
      readonly is: 'refused';
      readonly disposition: Disposition;
      readonly column: string;
      readonly code: ErrorCode;
      readonly errors: readonly FieldError[];
    };

/** A rule at work. */
export interface ChangeMapper {
  /** @throws CodedError family decode, `LAYOUT_*` */
  map(change: Change): RuleResult;
}
