import { nameComponents } from '../ecs/components/components.ts'
import { createEcs } from '../ecs/entities/access.ts'
import { Clock } from '../ecs/entities/clock.ts'
import { notLoaded } from '../errors.ts'
import { createCacheCounts } from '../guest/module-cache.ts'
import { EventQueue } from '../host/services/event-queue.ts'
import { Invocations } from '../host/services/invocations.ts'
import { Emitter } from './api/emitter.ts'
import type { ResolvedRuntimeOptions } from './api/runtime-options.ts'
import { GUESTS } from './load/open-program.ts'
import { MessageQueue } from './script/message-queue.ts'
import type { Store } from './script/store.ts'

/** Creates the store of a runtime without scripts. What no plain script needs is loaded by the first script that does. */
export async function createStore(options: ResolvedRuntimeOptions): Promise<Store> {
  const { world, components, relations, onLog, http } = options
  const emitter = new Emitter()
  if (onLog !== undefined) emitter.on('log', onLog)
  const invocations = new Invocations(() => {
    if (store.ecs.batch !== undefined) store.ecs.batch.isInterrupted = true
  })
  const ecs = createEcs(world, nameComponents(components, relations), invocations)
  const store: Store = {
    options,
    ecs,
    events: new EventQueue(),
    messages: new MessageQueue(),
    async planSchedule(script, program) {
      const { makeSchedule } = await import('./tick/schedule.ts').catch(notLoaded('the code that calls hooks and intervals'))
      return makeSchedule(store, script, program)
    },
    async planActor(script, program, queries) {
      const { makeActor } = await import('./tick/actors.ts').catch(notLoaded('the code that runs actors'))
      return makeActor(store, script, program, queries)
    },
    async declareComponents(script) {
      if (Object.keys(script.options.components).length === 0) return
      const { declareComponents } = await import('./load/declare-components.ts').catch(notLoaded('the code that declares components'))
      declareComponents(store, script)
    },
    jobs: undefined,
    async loadUpdates() {
      store.updates ??= await import('./tick/update-code.ts').catch(() => undefined)
    },
    async loadJobs() {
      const { RuntimeJobs } = await import('./jobs/runtime-jobs.ts').catch(notLoaded('the code that runs jobs'))
      store.jobs ??= new RuntimeJobs(store)
    },
    async loadServices() {
      const { servicesCode } = await import('./tick/services.ts').catch(notLoaded('what services are made of'))
      store.services = servicesCode
      return servicesCode
    },
    updates: undefined,
    relating: undefined,
    configuring: undefined,
    services: undefined,
    http: undefined,
    hostCalls: undefined,
    countRuns: undefined,
    emitter,
    invocations,
    guests: [...GUESTS],
    cacheCounts: createCacheCounts(),
    follow: () => undefined,
    nextScript: 1,
    scripts: [],
    turns: [],
    spareAttachments: [],
    clock: new Clock(ecs.components.reserve),
    faults: 0,
    running: false,
    waiting: [],
    nextCall: 0,
    answers: [],
    workerAnswers: undefined,
    probations: undefined,
    renewal: undefined,
    guard: undefined,
    isReplayed: false,
    nested: undefined,
    recordedCaller: undefined,
    isAnnouncing: false,
    isDisposed: false,
  }
  if (Object.keys(relations).length > 0)
    store.relating = await import('./tick/relation-changes.ts').catch(notLoaded('the code that relates entities'))
  if (http !== undefined) store.http = (await store.loadServices()).resolveHttp(http)
  return store
}
