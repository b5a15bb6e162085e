import { EXPORT } from '../../abi/exports.ts'
import type { NamedComponent } from '../../ecs/components/components.ts'
import type { Ecs } from '../../ecs/entities/access.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import { parseTerms } from '../../ecs/queries/terms.ts'
import { ScriptError } from '../../errors.ts'
import type { Program } from '../../guest/guest.ts'
import { deniedBy, type Grant, type Permission } from '../../host/modules/permissions.ts'
import { suggest } from '../../nearest-name.ts'
import { invalidOption } from '../../options.ts'
import type { Actor } from '../api/load-options.ts'
import type { ActorPlan } from '../script/generation.ts'

/** Checks the options of an actor, and returns its plan. Throws `InvalidOptions`, `GrantDenied`, `MissingExport`, `SignatureMismatch`. */
export function planActor(
  actor: Required<Actor>,
  grant: Grant | undefined,
  program: Program,
  { components }: Ecs,
  queries: ScriptQueries,
): Omit<ActorPlan, 'run'> {
  const known = [...components.byName.keys()]
  const find = (name: string, where: string): NamedComponent =>
    components.byName.get(name) ?? invalidOption(`${where} names the unknown component '${name}'${suggest(name, known)}`)
  const allow = (permission: Permission): void => {
    const denied = deniedBy(grant, permission)
    if (denied !== undefined) throw new ScriptError('GrantDenied', `the actor needs more than its grant allows: ${denied}`)
  }
  const terms = parseTerms(actor.query) ?? invalidOption('actor.query names no component to query')
  for (const component of [...terms.all, ...terms.none]) {
    find(component, 'actor.query')
    allow({ kind: 'query', component })
  }
  const read = actor.read.map((name) => find(name, 'actor.read'))
  for (const { name } of read) allow({ kind: 'read', component: name })
  for (const name of actor.write) allow({ kind: 'write', component: find(name, 'actor.write').name })
  if (!program.takesJson(EXPORT.process)) {
    const { exports } = program.describe()
    const found = exports.find(({ name }) => name === EXPORT.process)
    if (found !== undefined)
      throw new ScriptError('SignatureMismatch', `'process' of an actor takes JSON and gives JSON, and is ${found.type}`, {
        export: EXPORT.process,
      })
    throw new ScriptError('MissingExport', "an actor must export 'process'", { export: EXPORT.process })
  }
  if (!program.describe().exports.some(({ name }) => name === EXPORT.getMetadata))
    throw new ScriptError('MissingExport', "an actor must export 'get_metadata'", { export: EXPORT.getMetadata })
  return { query: queries.get(terms), read }
}
