import { existsSync } from 'node:fs'
import type { DevEnvironment, Rolldown } from 'vite'
import { ScriptError } from '../index.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { linkPath } from './link-path.ts'
import { isServer } from './live-scripts.ts'
import { builtModule, changeOf, liveModule, serverModule } from './module-code.ts'
import type { Project } from './project.ts'
import { type FileContent, NO_CONTENT } from './script-content.ts'
import { withEnd, withoutEnd } from './script-ids.ts'

/** Resolves an import of a script to the path by which it names the file, which may be a link. */
export async function resolveImport(
  context: Rolldown.PluginContext,
  project: Project,
  id: string,
  importer: string | undefined,
  options: object,
): Promise<Rolldown.ResolvedId | string | null> {
  const found = await context.resolve(withoutEnd(id), importer, { ...options, skipSelf: true })
  if (found === null || project.fileOf(found.id) === undefined) return found
  const [file = '', query = ''] = found.id.split(/(?=\?)/)
  const path = linkPath(withoutEnd(id), importer, project.config.root, file) ?? file
  return withEnd(path + query)
}

/** Returns the code of a script's import. Fails with the mistake of the script, which the next save may correct. */
export async function loadImport(
  context: Rolldown.PluginContext,
  project: Project,
  id: string,
  file: string,
): Promise<{ readonly code: string; readonly moduleType: 'js' }> {
  const { scripts, live } = project
  const { environment } = context
  const isBuild = environment.mode === 'build'
  const isRefused = (path: string): boolean => !isBuild && !isServer(environment) && !project.mayServe(path)
  if (isRefused(file)) return project.refuse(context, id, notServed(scripts.nameOf(file)))
  context.addWatchFile(file)
  let script: FileContent | undefined
  try {
    script = await scripts.read(file)
    if (script === undefined) throw new ScriptError('LoadFailed', `${scripts.nameOf(file)} could not be read`)
    for (const path of script.modules) context.addWatchFile(path)
    const outside = script.modules.find(isRefused)
    if (outside !== undefined) throw notServed(scripts.nameOf(outside))
    const module = await scripts.compile(file, script)
    watchDependencies(context, project, file, script)
    const code = isBuild
      ? builtCode(context, project, file, module)
      : servedCode(environment as DevEnvironment, project, id, file, script, module)
    // By its name, a manifest is JSON.
    return { code, moduleType: 'js' }
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    if (!isBuild) live?.serveMistake(environment as DevEnvironment, id, file, script ?? NO_CONTENT)
    return project.refuse(context, id, error)
  }
}

/** Makes Vite watch the files that a script was compiled of. One that is missing may be watched by its folder alone. */
export function watchDependencies(context: Rolldown.PluginContext, { scripts }: Project, file: string, script: FileContent): void {
  for (const path of scripts.compiled(file, script).dependencies) if (existsSync(path)) context.addWatchFile(path)
}

function servedCode(
  environment: DevEnvironment,
  { scripts, live }: Project,
  id: string,
  file: string,
  script: FileContent,
  module: SourceModule,
): string {
  const change = live?.serve(environment, id, file, script, module) ?? changeOf(id, scripts.nameOf(file), 1, module)
  return liveModule(change, isServer(environment))
}

function builtCode(context: Rolldown.PluginContext, { scripts, editable }: Project, file: string, module: SourceModule): string {
  const name = scripts.nameOf(file)
  const text = editable ? module.text : undefined
  if (isServer(context.environment)) return serverModule(name, module, text)
  return builtModule(name, module, text, (asset, source) => context.emitFile({ type: 'asset', name: `${asset}.wasm`, source }))
}

function notServed(name: string): ScriptError {
  return new ScriptError('LoadFailed', `${name} is not in a folder that Vite may serve: add its folder to server.fs.allow`)
}
