import { PRICES } from '../../abi/prices.ts'
import { addNamed, removeNamed } from '../../ecs/entities/access.ts'
import { ScriptError } from '../../errors.ts'
import type { LinkContext, Meanings, PatternModule } from './import-module.ts'
import { unknownImport } from './lookup.ts'

const shared = { pattern: 'script', example: 'drift', params: ['i32'], results: [], price: PRICES.ask, refuses: true } as const
const TYPE = { params: ['i32'], results: [] } as const

export const ecsAttach: PatternModule = {
  ...shared,
  module: 'ecs.attach',
  resolve: (name, _, context) => ({
    permissions: [{ kind: 'host', module: 'ecs.attach', name: named('ecs.attach', name) }],
    type: TYPE,
    function: (entity: number) => addNamed(context.ecs, tagOf(context, name))(entity),
  }),
}

export const ecsDetach: PatternModule = {
  ...shared,
  module: 'ecs.detach',
  resolve: (name, _, context) => ({
    permissions: [{ kind: 'host', module: 'ecs.detach', name: named('ecs.detach', name) }],
    type: TYPE,
    function: (entity: number) => removeNamed(context.ecs, tagOf(context, name))(entity),
  }),
}

function named(module: string, name: string): string {
  return name === '' ? unknownImport(module, name, []) : name
}

/** Returns the tag of a script by its name. It may be loaded after the script that names it. Throws `ScriptNotFound`. */
function tagOf({ tagOfScript }: LinkContext, name: string): object {
  const tag = tagOfScript(name)
  if (tag === undefined) throw new ScriptError('ScriptNotFound', `the script '${name}' is not loaded`)
  return tag
}

/** For the docs: a page does not download it. */
export const SCRIPT_MEANINGS: Meanings = {
  'ecs.attach': 'run another script on the entity, from the next tick',
  'ecs.detach': "stop running another script on the entity, when this script's run ends",
}
