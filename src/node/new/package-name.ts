import validate from 'validate-npm-package-name'
import { ScriptError } from '../../index.ts'

/** Throws `InvalidOptions` if npm refuses a name of a package, or if it is that of a package that the game needs. */
export function checkPackageName(name: string, dependencies: readonly string[]): void {
  const { errors = [], warnings = [] } = validate(name)
  const [reason] = [...errors, ...warnings]
  if (reason !== undefined)
    throw new ScriptError('InvalidOptions', `npm refuses a package named '${name}': ${reason}${suggestion(name, dependencies)}`)
  if (dependencies.includes(name))
    throw new ScriptError('InvalidOptions', `a game named '${name}' could not use the package ${name}: give it another name`)
}

/** Returns the end of the message: a name that npm takes, if one can be made of this one. */
function suggestion(name: string, dependencies: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const candidate = [plain, `${plain}-game`].find((each) => validate(each).validForNewPackages && !dependencies.includes(each))
  return candidate === undefined ? '' : `; '${candidate}' would do`
}
