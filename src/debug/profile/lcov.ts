import { type FileCoverage, mergeCoverage } from './profile-report.ts'

/**
 * Returns coverage as the text of an lcov file. `records` may be those of several profiles, of which the same files are added up.
 *
 * @example
 * await writeFile('lcov.info', toLcov([...first.coverage(), ...second.coverage()]))
 */
export function toLcov(records: readonly FileCoverage[]): string {
  return mergeCoverage(records).map(formatFile).join('')
}

function formatFile({ file, lines, functions }: FileCoverage): string {
  const entries = uniqueNames(functions)
  const text = [
    'TN:',
    `SF:${oneLine(file)}`,
    ...entries.map(({ name, line }) => `FN:${line},${name}`),
    ...entries.map(({ name, hits }) => `FNDA:${hits},${name}`),
    `FNF:${entries.length}`,
    `FNH:${entries.filter(({ hits }) => hits > 0).length}`,
    ...lines.map(({ line, hits }) => `DA:${line},${hits}`),
    `LF:${lines.length}`,
    `LH:${lines.filter(({ hits }) => hits > 0).length}`,
    'end_of_record',
  ]
  return `${text.join('\n')}\n`
}

/** Functions of the same name get their line: readers know them by their names. */
function uniqueNames(functions: FileCoverage['functions']): FileCoverage['functions'] {
  const isUnique = (name: string): boolean => functions.filter((each) => each.name === name).length === 1
  return functions.map((each) => ({ ...each, name: oneLine(isUnique(each.name) ? each.name : `${each.name}:${each.line}`) }))
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ')
}
