import type MagicString from 'magic-string'
import type { DevEnvironment, Rolldown } from 'vite'
import { ScriptError } from '../index.ts'
import { isPreparable } from '../runtime/load/source.ts'
import { watchDependencies } from './imported-scripts.ts'
import { isServer, type LiveScripts } from './live-scripts.ts'
import { dataUrl, liveUrlCall, liveUrlImport } from './module-code.ts'
import type { Project } from './project.ts'
import { scriptAsset } from './script-asset.ts'
import type { FileContent } from './script-content.ts'
import { replaceScriptUrls } from './script-urls.ts'

/** The code of a module after a hook, with its source map, or `undefined` if it stays as it is. */
type Transformed = { readonly code: string; readonly map: Rolldown.SourceMapInput } | undefined

/** Lets the scripts that a module's code loads by their URLs follow the saves of their files, in development. */
export async function transformServed(
  context: Rolldown.PluginContext,
  project: Project,
  live: LiveScripts,
  code: string,
  id: string,
): Promise<Transformed> {
  const environment = context.environment as DevEnvironment
  try {
    const replaced = await replaceScriptUrls({ code, id, context, mayBeOther: false }, project.scripts, (file, script, expression) =>
      followedUrl(environment, project, live, { file, script, expression, id }),
    )
    return replaced && transformed(replaced.append(`\n${liveUrlImport()}`))
  } catch (error) {
    return error instanceof ScriptError ? project.refuse(context, id, error) : Promise.reject(error)
  }
}

/** Replaces the URLs of scripts in a module's code by those of the files that a build writes of them. */
export async function transformBuilt(context: Rolldown.PluginContext, project: Project, code: string, id: string): Promise<Transformed> {
  const { scripts, editable } = project
  const { environment } = context
  const replaced = await replaceScriptUrls({ code, id, context, mayBeOther: true }, scripts, async (file, script) => {
    for (const path of [file, ...script.modules]) context.addWatchFile(path)
    const module = await scripts.compile(file, script).catch((error: unknown) => {
      if (!(error instanceof ScriptError)) throw error
      // Rolldown names the place of the URL, so the message has to name that of the mistake.
      return project.refuse(context, id, error, error.message)
    })
    watchDependencies(context, project, file, script)
    const url = isServer(environment)
      ? JSON.stringify(dataUrl(file, module))
      : `import.meta.ROLLUP_FILE_URL_${context.emitFile(scriptAsset(environment.config.build.assetsDir, file, module, editable))}`
    return `new URL(${url}, import.meta.url)`
  })
  return replaced && transformed(replaced)
}

function transformed(code: MagicString): Transformed {
  return { code: code.toString(), map: code.generateMap({ hires: 'boundary' }) }
}

/** A script that the code of a module loads by its URL. */
interface LoadedUrl {
  readonly file: string
  readonly script: FileContent
  /** The expression that makes the URL. */
  readonly expression: string
  /** The id of the module. */
  readonly id: string
}

async function followedUrl(
  environment: DevEnvironment,
  project: Project,
  live: LiveScripts,
  { file, script, expression, id }: LoadedUrl,
): Promise<string | undefined> {
  const { scripts } = project
  const isRefused = !isServer(environment) && [file, ...script.modules].some((path) => !project.mayServe(path))
  if (isRefused) return undefined
  // A page cannot prepare a component, and nothing but this process compiles a source, so the code holds the module.
  const isMade = scripts.isSource(file) || (!isServer(environment) && isPreparable(script.content))
  if (isMade) live.hold(file, id)
  const named = { id: file, file: scripts.nameOf(file) }
  try {
    const module = await scripts.compile(file, script)
    const { version } = live.serve(environment, file, file, script, module)
    if (isMade) return liveUrlCall(`new URL(${JSON.stringify(dataUrl(file, module))})`, { ...named, version }, isServer(environment))
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    live.serveMistake(environment, file, file, script)
    // What loads it reports the mistake, unless only the server can know it.
    if (isMade) throw error
  }
  return liveUrlCall(expression, named, isServer(environment))
}
