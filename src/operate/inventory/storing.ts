/** Whose rows may be looked at: what is not to rest on a disk is not to be looked at from elsewhere either. */
import type { Config } from '../../config/config';
import type { CodedError } from '../../errors/coded-error';
import type { RuleOptions } from '../../map/options';

/** @param fault what to throw. @throws what it makes, where the rule is gone or leads to a destination with `storePayload: false` */
export function ruleShown(
  { destinations }: Config,
  rule: RuleOptions | null,
  fault: (message: string) => CodedError,
): RuleOptions {
  if (rule === null) throw fault('its rule is no longer in the configuration: what it masks is not known');
  if (rule.to.some((d) => destinations[d]?.storePayload === false))
    throw fault(`rule ${rule.name} leads to a destination with storePayload: false: its rows are not shown`);
  return rule;
}
