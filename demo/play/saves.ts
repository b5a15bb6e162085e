import type { FollowedScript, ReloadReport, ScriptAsset } from 'bitscript'

const NOTHING: ReloadReport['ms'] = { compile: 0, link: 0, state: 0, total: 0 }

/** Calls `listener` with the text of each script whose file is saved. In a build no file is. */
export function followSaves(assets: Readonly<Record<string, ScriptAsset>>, listener: (name: string, text: string) => void): void {
  for (const [name, asset] of Object.entries(assets)) {
    const reload: FollowedScript['reload'] = async () => {
      if (asset.text !== undefined) listener(name, asset.text)
      return {
        script: name,
        generation: 0,
        unchanged: true,
        state: 'preserved',
        carried: [],
        dropped: [],
        ran: [],
        warnings: [],
        ms: NOTHING,
      }
    }
    const info = { name, generation: 0, status: 'active', warnings: [] as readonly string[] } as FollowedScript['info']
    asset.follow?.({ info, loaded: Promise.resolve(), reload, onError: () => () => undefined })
  }
}
