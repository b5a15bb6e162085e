import { sameBytes } from '../../bytes.ts'
import type { HostInput } from '../api/input-log.ts'
import type { ScriptId } from '../api/script-info.ts'
import { encode } from '../image/codec.ts'
import { Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { receiveAnswer } from '../script/answers.ts'
import { setPaused } from '../script/pause.ts'
import { type Store, storeOf } from '../script/store.ts'
import { receiveResponse } from '../tick/responses.ts'
import { boundOptions, type CodeBounds } from './recorded-code.ts'
import { setClock } from './set-clock.ts'

/** Does what the host did. Resolves with the report of a tick. Rejects with the error of the input. */
export async function playInput(runtime: WasmScriptRuntime, input: HostInput, bounds: CodeBounds): Promise<unknown> {
  const id = (name: string): ScriptId => runtime.find(name)?.id ?? (-1 as ScriptId)
  switch (input.kind) {
    case 'tick':
      return runtime.tick(input.dt)
    case 'emit':
      return runtime.emit(input.name, ...input.args)
    case 'spawn':
      return runtime.spawn(input.components)
    case 'write':
      return runtime.write(input.entity, input.components)
    case 'despawn':
      return runtime.despawn(input.entity)
    case 'relate':
      return runtime.relate(input.entity, input.relation, input.target, input.data)
    case 'unrelate':
      return runtime.unrelate(input.entity, input.relation, input.target)
    case 'attach':
    case 'detach':
      return runtime[input.kind](input.entity, id(input.script))
    // Results are not returned: that of a plugin in a worker is a promise, which a later input settles.
    case 'call':
      return void runtime.call(id(input.script), input.name, ...input.args)
    case 'callJson':
      return void runtime.callJson(id(input.script), input.name, input.arg)
    case 'callBytes':
      return void runtime.callBytes(id(input.script), input.name, input.bytes)
    case 'send':
      return runtime.send(id(input.script), input.topic, input.data)
    case 'request':
      // Its reply comes in a later tick, to whoever recorded it.
      runtime.request(id(input.script), input.topic, input.data, { ticks: input.ticks }).catch(() => undefined)
      return undefined
    case 'load':
      return runtime.loadModule(input.content, { ...boundOptions(bounds, input.options), name: input.script })
    case 'reload':
      return runtime.reloadModule(id(input.script), input.content, input.options)
    case 'pause':
    case 'resume':
      return setPaused(storeOf(runtime), input.script, input.kind === 'pause')
    case 'revert':
      return runtime.revert(id(input.script))
    case 'setClock':
      return setClock(runtime, input.clock)
    case 'unload':
      return runtime.unloadModule(id(input.script))
    case 'restore':
      return runtime.restore(Snapshot.fromBytes(input.snapshot))
    case 'configure':
      return runtime.configure(id(input.script), input.config)
    case 'response':
      return receiveResponse(storeOf(runtime), input.script, { id: input.id, status: input.status, body: input.body })
    case 'answer': {
      const { kind: _, script, ...answer } = input
      const store = storeOf(runtime)
      return receiveAnswer(store, script, answer)
    }
    case 'job':
      // What its input gave comes from the recording.
      return void runtime.job(id(input.script), [], input.options)
    case 'jobInput':
      return deliverToJob(storeOf(runtime), input)
    case 'cancelJob': {
      const store = storeOf(runtime)
      return store.jobs?.cancel(input.job)
    }
  }
}

function deliverToJob({ jobs }: Store, { kind: _, job, ...delivery }: Extract<HostInput, { kind: 'jobInput' }>): void {
  jobs?.deliver(job, delivery)
}

/** Returns whether what the host does is the next input. */
export function isSameInput(given: HostInput, next: HostInput): boolean {
  if (given.kind === 'tick') return next.kind === 'tick' && Object.is(given.dt, next.dt)
  // The content of the snapshot may differ if the scripts differ.
  if (given.kind === 'restore') return next.kind === 'restore'
  if (given.kind !== next.kind) return false
  // The options may have been bounded.
  if (given.kind === 'load' && next.kind === 'load')
    return given.script === next.script && sameBytes(encode(given.content), encode(next.content))
  return sameBytes(encode(given), encode(next))
}
