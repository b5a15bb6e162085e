import type { ModuleDescription } from '../../guest/module-description.ts'
import { Random } from '../../host/services/random.ts'
import { ScriptLog } from '../../host/services/script-log.ts'
import { type LoadOptions, resolveLoadOptions } from '../api/load-options.ts'
import type { ScriptId } from '../api/script-info.ts'
import { inSource } from '../script/faults.ts'
import { disposeGeneration } from '../script/generation.ts'
import { createScript, linkOfScript } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { gameOf, openGeneration, takeAttachment } from './load.ts'
import type { OpenedMod, ScriptSource } from './script-source.ts'
import { readSource, sourceName } from './source.ts'

/** Checks a source as loading does, without adding or running a script. */
export async function checkSource(store: Store, source: ScriptSource | OpenedMod, options: LoadOptions): Promise<ModuleDescription> {
  const resolved = resolveLoadOptions(options, gameOf(store))
  const name = resolved.name ?? sourceName(source) ?? 'script'
  const attachment = takeAttachment(store)
  const log = new ScriptLog(0, () => undefined)
  const parts = { id: 0 as ScriptId, name, options: resolved, attachment, log, random: new Random(0, name), url: undefined }
  const script = createScript(parts)
  try {
    const read = await readSource(source, name, resolved.limits)
    await store.declareComponents(script)
    if (options.config === undefined) script.config = undefined
    const generation = await openGeneration(store, script, read)
    const { program } = generation
    const description = { ...program.describe(), link: linkOfScript(resolved, program) }
    disposeGeneration(generation)
    return description
  } catch (error) {
    throw inSource(name, error)
  } finally {
    script.releaseComponents?.()
    store.spareAttachments.push(attachment)
  }
}
