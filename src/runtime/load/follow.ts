import { infoOf, type Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import type { FollowedScript, ScriptSource } from './script-source.ts'
import { followOf } from './source.ts'

/** Passes a script to the `follow` of its source, which may then reload it. */
export function followSource({ emitter }: Store, script: Script, source: ScriptSource, reload: FollowedScript['reload']): void {
  const follow = followOf(source)
  if (follow === undefined || script.status === 'disposed') return
  script.unfollow?.()
  script.unfollow = follow({
    info: infoOf(script),
    loaded: script.loaded,
    reload,
    onError: (listener) =>
      emitter.on(
        'error',
        (error) => {
          if (error.scriptId === script.id) listener(error)
        },
        { passive: true },
      ),
  })
}
