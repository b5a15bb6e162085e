import { EXPORT } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import { copyJson } from '../../json.ts'
import { invalidOption } from '../../options.ts'
import { recordInput } from '../api/input-log.ts'
import { checkJsonConfig } from '../api/load-options.ts'
import { onCopy } from '../script/copy.ts'
import { inScript } from '../script/faults.ts'
import type { Generation } from '../script/generation.ts'
import { allowance, invoke } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import { runStep } from '../script/step.ts'
import type { Configuring, Store } from '../script/store.ts'

/** What a game without configs does not download. */
export const CONFIGURING: Configuring = { validate: validateConfig, configure: configureScript }

/** Calls `validate_config`, if the script exports it. Throws `InvalidOptions` with its answer if it does not accept the config. */
function validateConfig(store: Store, { program }: Generation, instance: GuestInstance, left: Allowance, config: unknown): void {
  if (!program.takesJson(EXPORT.validateConfig)) return
  const answer = invoke(store, instance, left, () => instance.callJson(EXPORT.validateConfig, config))
  if (answer === true) return
  const why =
    typeof answer === 'string'
      ? answer
      : `validate_config returned ${JSON.stringify(answer)}, and must return true or a text of what is wrong`
  throw new ScriptError('InvalidOptions', `the script does not accept its config: ${why}`, { export: EXPORT.validateConfig })
}

/**
 * Gives a script another config. If the script does not take it, nothing changes: `validate_config` runs on a copy. Throws
 * `InvalidOptions`, and the errors of `validate_config`.
 */
function configureScript(store: Store, script: Script, given: unknown): void {
  const { running } = script
  try {
    checkJsonConfig(given)
    if (running === undefined) throw new ScriptError('ScriptNotFound', 'it is still loading')
    const { generation, instance } = running
    if (script.config === null && !generation.program.takesJson(EXPORT.validateConfig))
      invalidOption('it was loaded without a config, so it takes none')
    if (instance.late !== undefined) invalidOption('a plugin in a worker cannot be configured')
    const config = copyJson(given)
    generation.program.source.mod?.checkConfig(config)
    recordInput(store, () => ({ kind: 'configure', script: script.name, config }))
    generation.services?.checkConfig(config)
    if (generation.program.takesJson(EXPORT.validateConfig)) {
      const validate = (copy: GuestInstance): void => validateConfig(store, generation, copy, allowance(script), config)
      runStep(store, () => onCopy(store, script, generation, instance.state.save(), validate))
    }
    script.config = config
  } catch (error) {
    throw inScript(script, error)
  }
}
