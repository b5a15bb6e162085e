import { existsSync } from 'node:fs'
import type { DevEnvironment, EnvironmentModuleNode, HotUpdateOptions } from 'vite'
import type { LiveScripts } from './live-scripts.ts'
import type { Project } from './project.ts'
import { moduleFile } from './script-ids.ts'

/**
 * Handles a change of a file in an environment. Returns the modules that Vite has to update by itself; `undefined` if the file is part of no script
 * there, so that all of them are.
 */
export async function updateScripts(
  environment: DevEnvironment,
  project: Project,
  live: LiveScripts,
  { type, file, modules, timestamp }: HotUpdateOptions,
): Promise<EnvironmentModuleNode[] | undefined> {
  const own = new Set<EnvironmentModuleNode>()
  let isScriptFile = false
  for (const script of live.scriptsOf(file)) {
    live.invalidateHolders(environment, script)
    const imports = importsOf(environment, project, script)
    for (const module of imports) own.add(module)
    const ids = [...imports.map(({ id }) => id as string), ...(live.servesUrl(environment, script) ? [script] : [])]
    if (ids.length === 0) continue
    isScriptFile = true
    // A source whose file is there is compiled again: it may miss the file that is gone, or no longer depend on it.
    const isRemoved = type === 'delete' && !(project.scripts.isSource(script) && existsSync(script))
    if (isRemoved) live.removed(environment, ids, script, file)
    else await live.saved(environment, ids, script, timestamp)
  }
  if (!isScriptFile) return undefined
  // Modules that were never transformed are only watched; returning them would make Vite reload the page.
  return modules.filter((module) => module.transformResult !== null && !own.has(module))
}

/** Returns the modules of an environment that are imports of a script. */
function importsOf({ moduleGraph }: DevEnvironment, project: Project, script: string): readonly EnvironmentModuleNode[] {
  const modules = moduleGraph.getModulesByFile(moduleFile(script)) ?? []
  return [...modules].filter(({ id }) => id !== null && project.fileOf(id) !== undefined)
}
