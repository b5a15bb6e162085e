import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import { ScriptError } from '../../errors.ts'
import type { OpenOptions } from '../../guest/guest.ts'
import type { Blocks, Caller, LinkContext } from '../../host/modules/import-module.ts'
import type { HostContext } from '../api/script-info.ts'
import { inScript } from '../script/faults.ts'
import { isInCall } from '../script/invoke.ts'
import { infoOf, type Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Returns the world and the services that the imports of one generation act on. */
export function linkContext(
  store: Store,
  script: Script,
  queries: ScriptQueries,
  loadServices: LinkContext['loadServices'],
): OpenOptions['context'] {
  const { ecs, events, emitter, options, invocations, clock } = store
  const { attachment, log, random } = script
  return {
    ecs,
    queries,
    loadServices,
    attachment,
    log,
    random,
    identify: options.identify,
    clock,
    grant: script.options.grant,
    host: options.host,
    refuse: invocations.refuse,
    charge: invocations.charge,
    isInputError: invocations.isInputError,
    stateVersion: () => script.stateVersion,
    tagOfScript(name) {
      const other = store.scripts.find((each) => each.name === name)
      return other?.running === undefined ? undefined : other.attachment.tag
    },
    isLoaded: () => script.status !== 'disposed',
    countSpawn() {
      const limit = script.options.limits.spawnsPerTick
      if (script.spawned >= limit)
        throw new ScriptError('Trap', `it spawned more than ${limit} entities in a tick (limits.spawnsPerTick); spawn fewer, or raise that`)
      script.spawned++
    },
    emit(name, args) {
      events.push(name, args, script.name)
      if (emitter.hears('event')) emitter.queue('event', { name, args, script: script.name })
    },
    reportLater(error) {
      emitter.queue('error', inScript(script, error))
      emitter.flush()
    },
    callHost: (name, call) => (store.hostCalls === undefined ? call() : store.hostCalls(script.name, name, call)),
    hostContext: (caller) => hostContext(store, script, caller),
  }
}

function hostContext(store: Store, script: Script, caller: Caller): HostContext {
  const { invocations } = store
  const blocks = (): Blocks => blocksOf(store, script, caller)
  return Object.freeze({
    get script() {
      return infoOf(script)
    },
    get bytes() {
      return invocations.readInput(() => caller.text.bytes)
    },
    readString: (pointer: number, length: number) => invocations.readInput(() => caller.text.readString(pointer, length)),
    readJson: (pointer: number, length: number) => invocations.readInput(() => caller.text.readJson(pointer, length)),
    read: (offset: number | bigint) => invocations.readInput(() => blocks().read(BigInt(offset))),
    readText: (offset: number | bigint) => utf8.decode(invocations.readInput(() => blocks().read(BigInt(offset)))),
    store: (data: Uint8Array | string) => invocations.readInput(() => blocks().store(data)),
  })
}

const utf8 = new TextDecoder()

function blocksOf(store: Store, script: Script, { blocks }: Caller): Blocks {
  if (blocks === undefined) throw new ScriptError('MissingExport', 'it has no blocks to read or store: only an Extism plugin has them')
  if (!isInCall(store, script))
    throw new ScriptError('HostError', 'the blocks of a plugin are gone when the host function returns; read and store them before')
  return blocks
}
